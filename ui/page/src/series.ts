// What was carried over hours and days, as points to draw: ended flows come from the router's history in buckets, those
// that still live are added evenly over their life. Pure.
import { unix } from "./format.ts";
import type { Point } from "./history.ts";
import type { Bucket, Flow } from "./wire.ts";

/** How far back a chart looks. All in seconds; each column shows the largest of its buckets. */
export interface Reach { length: number; step: number; column: number }

export const REACHES = {
  hour: { length: 3600, step: 15, column: 30 },
  day: { length: 86400, step: 120, column: 600 },
  week: { length: 7 * 86400, step: 900, column: 3600 },
} satisfies Record<string, Reach>;

export interface Sum { rx: number; tx: number } // bytes
interface Span { from: number; to: number }

/** Bytes in each step from `from` on: the buckets, and what the flows carried that the router still lists, which the
 * buckets do not have yet. `whose` names the end to look from. */
export function fill(buckets: readonly Bucket[], flows: readonly Flow[], from: number, to: number, step: number, whose: string | null): Sum[] {
  const sums: Sum[] = Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, () => ({ rx: 0, tx: 0 }));
  for (const b of buckets) {
    const sum = sums[Math.floor(((unix(b.at) ?? -1) - from) / step)];
    if (sum) { sum.rx += b.rxBytes; sum.tx += b.txBytes; }
  }
  for (const flow of flows) spread(sums, flow, from, step, whose !== null && flow.device !== whose);
  return sums;
}

// Adds one flow to the steps it lived in; a flow that is told from its other end counts the other way round.
function spread(sums: Sum[], flow: Flow, from: number, step: number, turned: boolean): void {
  const life = lifeOf(flow);
  if (!life) return;
  for (let i = Math.max(0, Math.floor((life.from - from) / step)); i < sums.length && from + i * step < life.to; i++) {
    const share = shareOf(life, from + i * step, from + (i + 1) * step);
    sums[i]!.rx += share * (turned ? flow.txBytes : flow.rxBytes);
    sums[i]!.tx += share * (turned ? flow.rxBytes : flow.txBytes);
  }
}

/** When a flow lived, a second at least. Unix seconds; null where nobody knows. */
export function lifeOf(flow: Flow): Span | null {
  const from = unix(flow.first);
  const last = unix(flow.last);
  return from === null || last === null ? null : { from, to: Math.max(last, from + 1) };
}

/** How much of a life lies in a window, from 0 to 1: its bytes are taken to have come evenly. */
export const shareOf = (life: Span, from: number, to: number) =>
  Math.max(0, Math.min(to, life.to) - Math.max(from, life.from)) / (life.to - life.from);

/** Columns of rates, each as high as the highest step in it, so that a short peak is not averaged away. */
export function columns(sums: readonly Sum[], from: number, { step, column }: Reach): Point[] {
  const wide = column / step;
  const points: Point[] = [];
  for (let i = 0; i < sums.length; i += wide) {
    const part = sums.slice(i, i + wide);
    points.push({ at: from + i * step, rx: Math.max(...part.map((s) => s.rx)) / step, tx: Math.max(...part.map((s) => s.tx)) / step });
  }
  return points;
}

/** All of it together. Bytes. */
export const total = (sums: readonly Sum[]): Sum => sums.reduce((all, s) => ({ rx: all.rx + s.rx, tx: all.tx + s.tx }), { rx: 0, tx: 0 });
