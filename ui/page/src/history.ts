// The last two minutes of each device and of the whole home, for the small charts. Pure.
import type { Home } from "./reduce.ts";

export const KEPT = 120; // one point a second
const MAX_DEVICES = 256; // a flood of made-up MACs must not eat the browser

export interface Point { at: number; rx: number; tx: number }
export interface History { total: readonly Point[]; devices: ReadonlyMap<number, readonly Point[]> }

export const noHistory: History = { total: [], devices: new Map() };

/** Adds the home's present. Within one second the larger value stays, so that peaks survive. */
export function remember(history: History, home: Home): History {
  const devices = new Map<number, readonly Point[]>();
  let rx = 0;
  let tx = 0;
  for (const d of home.devices.values()) {
    rx += d.rxRate;
    tx += d.txRate;
    if (devices.size < MAX_DEVICES) devices.set(d.id, append(history.devices.get(d.id) ?? [], home.now, d.rxRate, d.txRate));
  }
  return { total: append(history.total, home.now, rx, tx), devices };
}

function append(points: readonly Point[], at: number, rx: number, tx: number): readonly Point[] {
  const last = points[points.length - 1];
  if (last && last.at === Math.floor(at)) {
    if (rx <= last.rx && tx <= last.tx) return points;
    return [...points.slice(0, -1), { at: last.at, rx: Math.max(rx, last.rx), tx: Math.max(tx, last.tx) }];
  }
  return [...points, { at: Math.floor(at), rx, tx }].filter((p) => p.at > at - KEPT);
}

/** Where a chart is drawn: its line at `base`, `height` pixels to each side, negative for below. */
export interface Box { width: number; base: number; height: number }

/** The outline of one direction as an SVG path: up from `base` where `up`, else down from it. Steps, gaps held. */
export function area(points: readonly Point[], of: "rx" | "tx", box: Box, top: number, from: number, to: number): string {
  const first = points[0];
  if (!first || top <= 0 || to <= from) return "";
  const x = (at: number) => (((Math.max(at, from) - from) / (to - from)) * box.width).toFixed(1);
  const y = (n: number) => (box.base - (n / top) * box.height).toFixed(1);
  let path = `M${x(first.at)} ${box.base}`;
  for (const p of points) path += `H${x(p.at)}V${y(p[of])}`;
  return `${path}H${x(to)}V${box.base}Z`;
}
