// What the owner does. A change counts as done only when the router answered and the device's own state says the same.
import { effect, signal } from "@preact/signals";
import { cutOff, Failure, letIn, undo as repeat, type CutOrder } from "./api.ts";
import { askStatus } from "./session.ts";
import { asking, byMac, live, pending, picked, query, type Picked } from "./state.ts";
import { text } from "./text.ts";
import type { Device, HomeEvent } from "./wire.ts";

export interface Toast { id: number; text: string; undo: string | null } // undo: the MAC to let back in

export const toast = signal<Toast | null>(null);

const PATIENCE = 8000; // ms for the device's state to follow the router's answer
let toasts = 0;

export const say = (words: string, undo: string | null = null) => void (toast.value = { id: ++toasts, text: words, undo });

/** Cuts a device off. Rejects with a Failure in words; then the old state holds. */
export async function cut(device: Device, order: CutOrder): Promise<void> {
  await change(device.mac, "cut", () => cutOff(device.mac, order));
  say(text.toast.cut(device.name), device.mac);
}

/** Lets a device back in, and says how it went. */
export function release(mac: string): Promise<void> {
  return settle(mac, () => letIn(mac));
}

/** Takes back what an event tells of. */
export function takeBack(event: HomeEvent): Promise<void> {
  const step = event.undo;
  return step && event.device ? settle(event.device, () => repeat(step)) : Promise.resolve();
}

async function settle(mac: string, call: () => Promise<unknown>): Promise<void> {
  const name = byMac(mac)?.name ?? mac;
  try {
    await change(mac, "in", call);
    say(text.toast.in(name));
  } catch (error) {
    say(text.toast.failed(name, words(error)));
  }
}

async function change(mac: string, way: "cut" | "in", call: () => Promise<unknown>): Promise<void> {
  if (!live.value) throw new Failure("offline", 0, text.error.offline);
  if (pending.value.has(mac)) return;
  const before = reasons(mac);
  pending.value = new Map(pending.value).set(mac, way);
  try {
    await call();
    await shows(() => (way === "cut" ? byMac(mac)?.quarantine?.level === "full" : reasons(mac) === "" || reasons(mac) !== before));
  } finally {
    const rest = new Map(pending.value);
    rest.delete(mac);
    pending.value = rest;
    void askStatus();
  }
}

// What holds a device now; several quarantines may, and letting in may end only one of them.
const reasons = (mac: string) => (byMac(mac)?.quarantines ?? []).map((q) => q.id).join();

// Waits until the stream shows the device as wanted.
function shows(asWanted: () => boolean): Promise<void> {
  return new Promise((done, fail) => {
    const late = () => end(() => fail(new Failure("unconfirmed", 0, text.error.unconfirmed)));
    const timer = setTimeout(late, PATIENCE);
    const stop = effect(() => {
      if (asWanted()) queueMicrotask(() => end(done));
    });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      stop();
      settle();
    };
  });
}

/** An error as words for people. */
export const words = (error: unknown): string => (error instanceof Failure ? error.message : text.error.unknown);

/** Looks closer at a device or an owner, or at nothing. The address bar follows, so that Back and links work. */
export function pick(next: Picked): void {
  const hash = next ? `#${next.what === "device" ? "d" : "o"}=${next.id}` : location.pathname + location.search;
  if (next?.id !== picked.value?.id || next?.what !== picked.value?.what) window.history.pushState(null, "", hash);
  picked.value = next;
}

/** Picks what the address bar names. */
export function followAddress(): void {
  const found = /^#([do])=(-?\d+)$/.exec(location.hash);
  picked.value = found ? { what: found[1] === "d" ? "device" : "owner", id: Number(found[2]) } : null;
}

/** One step back: out of the search, then out of the closer look. */
export function back(): void {
  if (asking.value) return;
  if (query.value) query.value = "";
  else if (picked.value) pick(null);
}
