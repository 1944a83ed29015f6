// What the owner does. A change counts as done only when the router answered and the device's own state says the same.
import { effect, signal } from "@preact/signals";
import { cutOff, Failure, judge as tell, letIn, undo as repeat } from "./api.ts";
import { owners, strictest } from "./cuts.ts";
import { askStatus } from "./session.ts";
import { addressOf, asking, byMac, isOpen, past, pending, picked, query, type Picked } from "./state.ts";
import { text, whose } from "./text.ts";
import type { CutOrder, Device, Finding, HomeEvent } from "./wire.ts";

export interface Toast { id: number; text: string; undo: (() => void) | null }

export const toast = signal<Toast | null>(null);

const PATIENCE = 8000; // ms for the device's state to follow the router's answer
let toasts = 0;

export const say = (words: string, undo: Toast["undo"] = null) => void (toast.value = { id: ++toasts, text: words, undo });

/** Cuts a device off. Rejects with a Failure in words; then the old state holds. */
export async function cut(device: Device, order: CutOrder): Promise<void> {
  const replaces = owners(device) !== undefined;
  await change(device.mac, "cut", () => cutOff(device.mac, order), (answer) => {
    const now = owners(byMac(device.mac));
    return now?.inForce === true && now.level === order.level && now.id === owners(answer)?.id;
  });
  say(`${text.cutOff[order.level]}: ${device.name}.`, replaces ? null : () => void end(device.mac, "owner"));
}

/** Ends all that holds a device, and says how it went. */
export function release(mac: string): Promise<void> {
  const before = reasons(mac);
  return settle(mac, () => letIn(mac), () => reasons(mac) === "" || reasons(mac) !== before);
}

/** Ends what one source ordered, and says what still holds. */
export function end(mac: string, source: string): Promise<void> {
  const gone = () => !byMac(mac)?.quarantines.some((q) => q.source === source);
  return settle(mac, () => letIn(mac, source), gone);
}

/** Lets a new device in that waited for it. */
export function allow(device: Device): Promise<void> {
  const gone = () => !owners(byMac(device.mac));
  return settle(device.mac, () => letIn(device.mac, "owner"), gone);
}

/** Cuts a new device off for good, and says how it went. */
export async function keepOut(device: Device): Promise<void> {
  await cut(device, { level: "full" }).catch((error) => say(text.cut.failed(words(error))));
}

/** Takes back what an event tells of a maker's description, and says how it went. */
export const takeBackMud = (event: HomeEvent): Promise<void> =>
  repeat(event.undo!).then(() => say(text.mud.undone(byMac(event.device)?.name ?? ""))).catch(complain);

/** Takes back what an event tells of a cut-off. */
export function takeBack(event: HomeEvent): Promise<void> {
  const step = event.undo;
  if (!step || !event.device) return Promise.resolve();
  const before = reasons(event.device);
  return settle(event.device, () => repeat(step), () => reasons(event.device!) !== before);
}

/** Says that something unusual is fine, or that it is not after all, and how that went. */
export const judge = (finding: Finding, state: "fine" | "open"): Promise<void> =>
  tell(finding.id, state).then(() => {
    if (state === "fine") say(text.finding.done, () => void judge(finding, "open"));
    else say(text.finding.undone);
  }).catch(complain);

async function settle(mac: string, call: () => Promise<unknown>, shown: () => boolean): Promise<void> {
  const name = byMac(mac)?.name ?? mac;
  try {
    await change(mac, "in", call, shown);
    const stays = strictest(byMac(mac)?.quarantines ?? []);
    say(stays ? text.toast.still(name, text.level[stays.level], whose(stays)) : text.toast.in(name));
  } catch (error) {
    say(text.toast.failed(name, words(error)));
  }
}

async function change<T>(mac: string, way: "cut" | "in", call: () => Promise<T>, shown: (answer: T) => boolean): Promise<void> {
  if (pending.value.has(mac)) return;
  pending.value = new Map(pending.value).set(mac, way);
  try {
    const answer = await call();
    await shows(() => shown(answer));
  } finally {
    const rest = new Map(pending.value);
    rest.delete(mac);
    pending.value = rest;
    void askStatus();
  }
}

// What holds a device now; several quarantines may, and letting in may end only one of them.
const reasons = (mac: string) => (byMac(mac)?.quarantines ?? []).map((q) => q.id).join();

// Waits until the stream shows the device as wanted. While a login is wanted it shows nothing, and time stands still.
function shows(asWanted: () => boolean): Promise<void> {
  return new Promise((done, fail) => {
    const late = () => end(() => fail(new Failure("unconfirmed", 0, text.error.unconfirmed)));
    let timer = 0;
    const patience = effect(() => {
      clearTimeout(timer);
      if (isOpen.value) timer = setTimeout(late, PATIENCE);
    });
    const stop = effect(() => {
      if (asWanted()) queueMicrotask(() => end(done));
    });
    const end = (settle: () => void) => {
      patience();
      clearTimeout(timer);
      stop();
      settle();
    };
  });
}

/** An error as words for people. */
export const words = (error: unknown): string => (error instanceof Failure ? error.message : text.error.unknown);

/** Says why something was not done. */
export const complain = (error: unknown): void => say(text.failed(words(error)));

/** Looks closer at a device or an owner, or at nothing. The address bar follows, so that Back and links work. */
export function pick(next: Picked): void {
  const to = addressOf(next);
  if (to !== addressOf(picked.value)) window.history.pushState(null, "", to);
  picked.value = next;
}

/** Picks what the address bar names. */
export function followAddress(): void {
  const found = /^#([do])=(-?\d+)$/.exec(location.hash);
  picked.value = found ? { what: found[1] === "d" ? "device" : "owner", id: Number(found[2]) } : null;
}

/** One step back: out of the search, then out of the closer look, then out of the past. */
export function back(): void {
  if (asking.value) return;
  if (query.value) query.value = "";
  else if (picked.value) pick(null);
  else if (past.value) past.value = null;
}
