// Which devices have a place of their own on the map, and which share one with others of their kind. Up to sixty all have
// their own. Beyond that calm devices fold, until the reader opens their kind. Pure.
import { firstSeen, kindOf } from "./layout.ts";
import type { Mark } from "./mark.ts";
import type { Device } from "./wire.ts";

/** One place on the left side: a device, or several of a kind. `id` is the device's, or negative for several. */
export interface Row { id: number; kind: string; members: readonly Device[] }

export const MAX_ROWS = 60;
/** The most that opened kinds may make of it. */
export const MAX_OPEN = 80;

// Who keeps a place when there are too many: a flood of new devices must not push the known ones off the map.
const KEEP: Mark[] = ["cut", "part", "held", "unusual", "normal", "new", "offline"];
const CALM: Mark[] = ["normal", "new", "offline"];
const FIRST_GROUP = -2; // -1 stands for the other owners

export interface Wish {
  marks: ReadonlyMap<number, Mark>;
  open: ReadonlySet<string>; // kinds that the reader opened
  picked: number | null; // a device that is looked at keeps its place
}

/** The rows for devices that are in their order already. */
export function rows(devices: readonly Device[], wish: Wish, now: number): Row[] {
  const kinds = new Map<string, Device[]>();
  for (const d of devices) kinds.set(kindOf(d, now), [...(kinds.get(kindOf(d, now)) ?? []), d]);
  const folded = devices.length > MAX_ROWS ? new Folder(kinds, devices.length, wish).fold() : new Map<string, Set<Device>>();
  const list = [...kinds].flatMap(([kind, members], i) => {
    const away = folded.get(kind);
    const own = members.filter((d) => !away?.has(d)).map((d): Row => ({ id: d.id, kind, members: [d] }));
    return away ? [...own, { id: FIRST_GROUP - i, kind, members: [...away] }] : own;
  });
  return list.length > MAX_OPEN ? crop(list, wish) : list;
}

class Folder {
  #folded = new Map<string, Set<Device>>();
  #count: number;

  constructor(private kinds: ReadonlyMap<string, Device[]>, count: number, private wish: Wish) {
    this.#count = count;
  }

  // Strangers first, the newest of them; then whole kinds, the largest first; then what has no kind, as far as it must.
  fold(): Map<string, Set<Device>> {
    this.#some((mark) => mark === "new" || mark === "offline");
    const known = [...this.kinds.keys()].filter((kind) => kind !== "other").map((kind) => [kind, this.#calm(kind)] as const);
    for (const [kind, calm] of known.sort((a, b) => b[1].length - a[1].length)) {
      if (this.#count > MAX_ROWS) this.#put(kind, calm);
    }
    this.#some(() => true);
    return this.#folded;
  }

  #some(which: (mark: Mark) => boolean): void {
    const calm = this.#calm("other").filter((d) => which(this.wish.marks.get(d.id) ?? "normal") && !this.#folded.get("other")?.has(d));
    const newest = calm.sort((a, b) => firstSeen(b) - firstSeen(a) || b.id - a.id);
    if (this.#count > MAX_ROWS) this.#put("other", newest.slice(0, this.#count - MAX_ROWS + (this.#folded.has("other") ? 0 : 1)));
  }

  #calm(kind: string): Device[] {
    if (this.wish.open.has(kind)) return [];
    return (this.kinds.get(kind) ?? []).filter((d) => d.id !== this.wish.picked && CALM.includes(this.wish.marks.get(d.id) ?? "normal"));
  }

  #put(kind: string, devices: readonly Device[]): void {
    const old = this.#folded.get(kind);
    if (devices.length === 0 || (!old && devices.length < 2)) return;
    this.#count -= devices.length - (old ? 0 : 1);
    this.#folded.set(kind, new Set([...(old ?? []), ...devices]));
  }
}

// What is over the end of the page is in the table.
function crop(list: Row[], { marks }: Wish): Row[] {
  const worth = (r: Row) => (r.members.length > 1 ? 0 : KEEP.indexOf(marks.get(r.id) ?? "offline"));
  const kept = [...list].sort((a, b) => worth(a) - worth(b) || firstSeen(a.members[0]!) - firstSeen(b.members[0]!)).slice(0, MAX_OPEN);
  const ids = new Set(kept.map((r) => r.id));
  return list.filter((r) => ids.has(r.id));
}
