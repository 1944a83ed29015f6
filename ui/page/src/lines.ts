// Which pairs are drawn and how. Pure.
import { pairKey, type Home, type Pair } from "./reduce.ts";
import { OTHERS, talking } from "./seats.ts";

export const MAX_LINES = 120;
const FULL = 10; // seconds since the last byte while a line is drawn full
const GONE = 60; // and when it is gone

export interface Line {
  key: string; device: number; owner: number;
  tx: number; rx: number;
  width: 1 | 2 | 3 | 4 | 5;
  way: "up" | "down" | "still";
  thin: boolean;
  beyond: boolean; // of what the device's maker allows
}

export interface Choice {
  seated: ReadonlySet<number>; // owners with a place of their own
  shown: ReadonlyMap<number, number>; // devices to their places: their own, or one that several share
  cut: ReadonlySet<number>; // devices that are cut off: what they try is drawn, but not as traffic
  unusual: ReadonlySet<number>; // devices whose lines are always drawn, on top
  beyond: ReadonlySet<string>; // pairs that are always drawn, on top
  device: number | null; // in focus: all its pairs of the last hour
  owner: number | null;
}

/** Five steps by the logarithm of the rate: 1 below 1 kB/s, 5 from 1 MB/s. */
export function step(rate: number): Line["width"] {
  return Math.min(5, Math.max(1, Math.floor(Math.log10(Math.max(rate, 1))) - 1)) as Line["width"];
}

const age = (p: { tx: number; rx: number; last: number }, now: number) => (p.tx + p.rx > 0 ? 0 : now - p.last);

/** The lines to draw, the ones on top last. Owners without a seat share one line a device, devices that share a place one line an owner. */
export function lines(home: Home, choice: Choice): Line[] {
  const merged = new Map<string, Drawn>();
  for (const p of home.pairs.values()) {
    if (choice.shown.has(p.device) && isWanted(p, home.now, choice)) add(merged, p, choice);
  }
  const inFocus = (p: Drawn) => p.device === choice.device || p.owner === choice.owner;
  const weight = (p: Drawn) => (inFocus(p) ? 2e15 : 0) + (p.beyond || choice.unusual.has(p.device) ? 1e15 : 0) + p.tx + p.rx;
  const busiest = [...merged.values()].sort((a, b) => weight(b) - weight(a) || b.last - a.last);
  return busiest.slice(0, MAX_LINES).reverse().map((p) => draw(choice.cut.has(p.device) ? { ...p, tx: 0, rx: 0, last: 0 } : p, home.now));
}

function isWanted(p: Pair, now: number, choice: Choice): boolean {
  const picked = p.device === choice.device || (choice.owner !== null && seatOf(p, choice.seated) === choice.owner);
  return picked || choice.beyond.has(pairKey(p.device, p.owner)) || age(p, now) <= GONE;
}

const seatOf = (p: Pair, seated: ReadonlySet<number>) => (seated.has(p.owner) ? p.owner : OTHERS);

type Drawn = Pair & { beyond: boolean };

function add(merged: Map<string, Drawn>, p: Pair, choice: Choice): void {
  const owner = seatOf(p, choice.seated);
  const device = choice.shown.get(p.device)!;
  const key = pairKey(device, owner);
  const old = merged.get(key);
  const beyond = choice.beyond.has(pairKey(p.device, p.owner));
  if (!old) merged.set(key, { ...p, device, owner, beyond });
  else merged.set(key, { ...old, tx: old.tx + p.tx, rx: old.rx + p.rx, last: Math.max(old.last, p.last), beyond: beyond || old.beyond });
}

function draw(p: Drawn, now: number): Line {
  const rate = p.tx + p.rx;
  const way = rate === 0 ? "still" : p.tx > p.rx ? "up" : "down";
  return {
    key: pairKey(p.device, p.owner), device: p.device, owner: p.owner, tx: p.tx, rx: p.rx,
    width: step(rate), way, thin: age(p, now) > FULL, beyond: p.beyond,
  };
}

/** What all owners without a seat add up to. */
export function others(home: Home, seated: ReadonlySet<number>): { owners: number; tx: number; rx: number } {
  const sum = { owners: 0, tx: 0, rx: 0 };
  for (const id of talking(home)) if (!seated.has(id)) sum.owners++;
  for (const p of home.pairs.values()) {
    if (!seated.has(p.owner)) { sum.tx += p.tx; sum.rx += p.rx; }
  }
  return sum;
}
