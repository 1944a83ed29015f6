// What the page knows, as signals, and what follows from it. Nothing here touches the network.
import { computed, signal } from "@preact/signals";
import { rows } from "./fold.ts";
import { order, plan, type Size } from "./layout.ts";
import { lines as choose } from "./lines.ts";
import { waits } from "./cuts.ts";
import { beginning, markOf, markThen, type Mark } from "./mark.ts";
import { emptyHome, pairKey, type Home } from "./reduce.ts";
import { noHistory } from "./history.ts";
import { rewound, type Past } from "./rewind.ts";
import { noSeats, OTHERS, reseat, talking } from "./seats.ts";
import type { Device, Flow, Session, Status, Wish } from "./wire.ts";

export type Link =
  | { state: "connecting" }
  | { state: "live" }
  | { state: "lost"; since: number; why: Why; words: string }; // since: ms of the browser's clock, last heard

/** Why there is no link: no answer, a login that ended, all places taken, or the router's own words. */
export type Why = "silence" | "login" | "full" | "refused";

/** The door of the page. Shut, it wants a login: `ended` in the middle of work, `undone` with a change refused. */
export type Door =
  | { state: "asking" }
  | { state: "open" }
  | { state: "shut"; setup: boolean; ended: boolean; undone: boolean; note: string };

export type Picked = { what: "device" | "owner"; id: number } | null;

export const present = signal<Home>(emptyHome);
/** A moment of the past that the page looks at, in place of the present. */
export const past = signal<Past | null>(null);
export const lookingBack = signal(false); // the way into the past is open
/** What is shown: the present, or its devices as they talked in the past. */
export const home = computed<Home>(() => (past.value ? rewound(present.value, past.value) : present.value));
export const door = signal<Door>({ state: "asking" });
export const who = signal<Session | null>(null); // null: the router did not say yet
export const link = signal<Link>({ state: "connecting" });

/** Says why there is no link, and since when: since it was first missed. */
export function loseLink(why: Why, words = ""): void {
  const at = link.peek();
  link.value = { state: "lost", since: at.state === "lost" ? at.since : Date.now(), why, words };
}

export const status = signal<Status | null>(null);
export const wishes = signal<Wish[]>([]); // of providers, oldest first
export const updated = signal(false); // the program on the router is another one than this page came from
export const me = signal<number | null>(null);
export const history = signal(noHistory);
export const seating = signal(noSeats);
export const seats = computed(() => (past.value ? reseat(noSeats, home.value, new Set()) : seating.value));
export const picked = signal<Picked>(null);
/** The conversations of the devices that are looked at: the picked one, and those that are unusual. */
export const peers = signal<ReadonlyMap<number, readonly Flow[]>>(new Map());
/** The node of the map that the tab key comes to: "device.17" or "owner.3". */
export const cursor = signal("");
export const hovered = signal<Picked>(null);
export const view = signal<"map" | "table">("map");
export const query = signal("");
export const narrow = signal(false); // no room for a map
export const size = signal<Size>({ width: 900, height: 600, touch: false });
export const asking = signal<string | null>(null); // the MAC that the cut-off dialog is about
export const helping = signal(false);
/** Changes under way by MAC. They end when the router answered and the device's own state says so. */
export const pending = signal<ReadonlyMap<string, "cut" | "in">>(new Map());

/** The router's clock in whole seconds; it moves once a second and never steps back by itself. */
export const second = signal(0);

export const isOpen = computed(() => door.value.state === "open");
/** Whether what changes something is offered at all. The router refuses it anyhow. */
export const mayAct = computed(() => who.value?.role !== "viewer");

export const live = computed(() => link.value.state === "live");
const began = computed(() => beginning(home.value.devices.values()));

/** Devices that are shown, in their fixed order. */
export const shown = computed(() => order(home.value.devices.values(), home.value.now).filter((d) => !d.ignored));

const markAt = (d: Device): Mark => (past.value?.then ? markThen(d.mac, past.value.then) : markOf(d, home.value.now, began.value));

/** The marks of the devices that are shown. */
export const marks = computed(() => new Map<number, Mark>(shown.value.map((d) => [d.id, markAt(d)])));

/** The mark of any device. */
export function markIs(id: number): Mark {
  const hidden = home.value.devices.get(id);
  return marks.value.get(id) ?? (hidden ? markAt(hidden) : "normal");
}

export const having = (mark: Mark) => shown.value.filter((d) => marks.value.get(d.id) === mark);

/** Devices that the owner hid: they are counted and held as all others, but not shown. */
export const hiddenOnes = computed(() => [...home.value.devices.values()].filter((d) => d.ignored));

// What wants the owner's hand now stays in sight, also of devices that are hidden, or were not there yet at the moment looked at.
const today = computed(() => order(present.value.devices.values(), present.value.now));

/** Devices that are cut off, wholly or in part, but not those that wait for a word. */
export const cutDevices = computed(() => today.value.filter((d) => d.quarantine && !waits(d)));

/** New devices that wait for the owner's word. */
export const waiting = computed(() => today.value.filter(waits));

/** Pairs of a device and an owner beyond what the device's maker allows. Of the past nobody knows them. */
export const beyond = computed(() => {
  const keys = new Set<string>();
  const bold = past.value ? [] : shown.value.filter((d) => d.mud?.beyond.length);
  if (bold.length === 0) return keys;
  const ids = new Map([...home.value.owners.values()].map((o) => [o.name, o.id]));
  for (const d of bold) for (const b of d.mud!.beyond) keys.add(pairKey(d.id, ids.get(b.owner ?? "") ?? NaN));
  return keys;
});

/** Owners that must have a place: those of an unusual or a new device, those beyond a profile, and the picked one. */
export const wantedOwners = computed(() => {
  const wanted = new Set<number>();
  for (const [key, p] of home.value.pairs) {
    const mark = marks.value.get(p.device);
    if (((mark === "unusual" || mark === "new") && p.tx + p.rx > 0) || beyond.value.has(key)) wanted.add(p.owner);
  }
  const owner = pickedId("owner");
  if (owner !== null) wanted.add(owner);
  return wanted;
});

const seated = computed(() => new Set(seats.value.seated));

/** The owners on the right side of the map, from top to bottom; the last may stand for the others. */
export const sides = computed(() => {
  const present = talking(home.value);
  const ids = seats.value.seated.filter((id) => present.has(id));
  return present.size > ids.length ? [...ids, OTHERS] : ids;
});

/** Kinds that the reader unfolded, where there are too many devices for a place each. */
export const opened = signal<ReadonlySet<string>>(new Set());

/** The places of the map's left side, each with who stands there; the table has all devices. */
export const mapped = computed(() => {
  return rows(shown.value, { marks: marks.value, open: opened.value, picked: pickedId("device") }, home.value.now);
});

export const mapPlan = computed(() => plan(mapped.value, sides.value, size.value));

export const drawn = computed(() =>
  choose(home.value, {
    seated: seated.value,
    shown: new Map(mapped.value.flatMap((r) => r.members.map((d) => [d.id, r.id] as const))),
    cut: new Set(having("cut").map((d) => d.id)),
    unusual: new Set(having("unusual").map((d) => d.id)),
    beyond: beyond.value,
    device: pickedId("device"),
    owner: pickedId("owner"),
  }),
);

export const isSeated = (owner: number) => seated.value.has(owner);

export const pickedDevice = computed<Device | null>(() => {
  const id = pickedId("device") ?? NaN;
  return home.value.devices.get(id) ?? present.value.devices.get(id) ?? null;
});

/** Where the address bar stands while something is picked. */
export const addressOf = (at: Picked) => (at ? `#${at.what[0]}=${at.id}` : location.pathname + location.search);

/** The number of what is picked, where it is of that sort. */
export const pickedId = (what: "device" | "owner") => (picked.value?.what === what ? picked.value.id : null);

/** Whether a device matches what is typed into the search. */
export function matches(device: Device, typed: string): boolean {
  const q = typed.trim().toLowerCase();
  return q === "" || [device.name, device.mac, device.vendor ?? "", ...device.addresses].some((t) => t.toLowerCase().includes(q));
}

export const byMac = (mac: string | null): Device | undefined => {
  for (const d of present.value.devices.values()) if (d.mac === mac) return d;
  return undefined;
};
