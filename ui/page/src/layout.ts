// Places on the two-sided map. Pure and deterministic: a place follows from what a device is and when it came, never
// from how much it sends, so nothing moves under the pointer and equal steps keep labels apart.
import { unix } from "./format.ts";
import type { Device } from "./wire.ts";

export interface Size { width: number; height: number; touch: boolean }
export interface Place { id: number; x: number; y: number }
export interface Heading { kind: string; y: number } // y: the line below which its devices stand
export interface Plan {
  width: number; height: number;
  left: Place[]; right: Place[]; headings: Heading[];
  leftX: number; rightX: number; // where lines begin and end
  step: number; ownerStep: number; // pixels from row to row
  label: number; // pixels that a label may take
}

const TOP = 32; // room for the column titles
const BOTTOM = 18;
const EDGE = 16;
const MIN_STEP = 17; // two lines of text never touch at this size
const TOUCH_STEP = 44;
const MAX_STEP = 64;
const AWAY = 7 * 86400; // seconds
const GAP = 22; // above each kind, room for its heading

// The order a family thinks in: what people hold first, what hangs on the wall last; "" is for the kinds that are not here.
const KINDS = ["phone", "tablet", "computer", "laptop", "tv", "media", "speaker", "console", "camera", "printer",
  "storage", "hub", "light", "plug", "sensor", "appliance", "", "other", "away"];

const rank = (kind: string) => KINDS.indexOf(KINDS.includes(kind) ? kind : "");

/** The kind to sort and head by: what was silent for a week stands at the end, whatever it is. */
export function kindOf(device: Device, now: number): string {
  const away = !device.online && now - (unix(device.lastSeen) ?? now) > AWAY;
  return away ? "away" : device.kind || "other";
}

/** Devices by kind, then first seen, then number. */
export function order(devices: Iterable<Device>, now: number): Device[] {
  return [...devices].sort((a, b) => byKind(kindOf(a, now), kindOf(b, now)) || firstSeen(a) - firstSeen(b) || a.id - b.id);
}

/** When a device was first seen; Unix seconds, Infinity where nobody knows. */
export const firstSeen = (d: Device) => unix(d.firstSeen) ?? Infinity;

const byKind = (a: string, b: string) => rank(a) - rank(b) || a.localeCompare(b);

/** Places `list` (already in order) on the left and `owners` (seat numbers' ids) on the right. */
export function plan(list: readonly { id: number; kind: string }[], owners: readonly number[], size: Size): Plan {
  const least = size.touch ? TOUCH_STEP : MIN_STEP;
  const kinds = new Set(list.map((r) => r.kind)).size;
  const gap = kinds > 1 ? GAP : 0;
  const rows = Math.max(list.length, 1);
  const height = Math.max(size.height, TOP + BOTTOM + Math.max(least * rows + kinds * gap, least * owners.length));
  const room = height - TOP - BOTTOM;
  const step = Math.min(MAX_STEP, (room - kinds * gap) / rows);
  const ownerStep = Math.min(MAX_STEP, room / Math.max(owners.length, 1));
  const label = Math.min(230, Math.max(100, size.width * 0.3));
  const leftX = EDGE + label + 14;
  const rightX = size.width - EDGE - label - 14;
  return {
    width: size.width, height, leftX, rightX, step, ownerStep, label,
    ...leftSide(list, { x: leftX, y: TOP + (room - rows * step - kinds * gap) / 2, step, gap }),
    right: owners.map((id, i) => ({ id, x: rightX, y: TOP + room / 2 + ownerStep * (i + 0.5 - owners.length / 2) })),
  };
}

function leftSide(list: readonly { id: number; kind: string }[], at: { x: number; y: number; step: number; gap: number }) {
  const left: Place[] = [];
  const headings: Heading[] = [];
  let y = at.y;
  list.forEach((r, i) => {
    if (at.gap > 0 && r.kind !== list[i - 1]?.kind) headings.push({ kind: r.kind, y: (y += at.gap) });
    left.push({ id: r.id, x: at.x, y: y + at.step / 2 });
    y += at.step;
  });
  return { left, headings };
}

/** A line from a device to an owner: level at both ends, so that it can be followed with the eye. */
export function curve(x1: number, y1: number, x2: number, y2: number): string {
  const bend = (x2 - x1) * 0.46;
  return level([x1, y1, x1 + bend, x2 - bend, x2, y2]);
}

/** A line from device to device: a bow beside the column. */
export function bow(x: number, y1: number, y2: number): string {
  const reach = x + Math.min(140, 24 + Math.abs(y2 - y1) * 0.4);
  return level([x, y1, reach, reach, x, y2]);
}

// From the first point to the last, level at both ends; the two in the middle say how far.
function level(points: readonly number[]): string {
  const [x1, y1, near, far, x2, y2] = points.map((n) => n.toFixed(1));
  return `M${x1} ${y1}C${near} ${y1} ${far} ${y2} ${x2} ${y2}`;
}
