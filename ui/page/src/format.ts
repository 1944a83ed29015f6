// Numbers and times as people read them. Pure but for the reader's habits: the clock comes in through the arguments.
import { habits, number, time } from "./locale.ts";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes in decimal units, two significant digits below ten: "5.5 kB", "120 kB". */
export function bytes(n: number): string {
  let unit = 0;
  while (n >= 999.5 && unit < UNITS.length - 1) {
    n /= 1000;
    unit++;
  }
  const digits = unit > 0 && n < 9.95 ? 1 : 0;
  return `${number(n, digits, false)} ${UNITS[unit]}`;
}

/** Bytes per second; "idle" for none. */
export function rate(n: number): string {
  return n > 0 ? `${bytes(n)}/s` : habits.idle;
}

/** A count with its thousands apart. */
export function count(n: number): string {
  return number(Math.round(n));
}

/** Parses RFC 3339 into Unix seconds; null for null or nonsense. */
export function unix(time: string | null | undefined): number | null {
  const ms = time ? Date.parse(time) : NaN;
  return Number.isNaN(ms) ? null : ms / 1000;
}

/** The wall clock at a Unix time, "12:04" or "12:04:31". */
export function clock(at: number, seconds = false): string {
  return time(at, seconds ? "seconds" : "clock");
}

/** The wall clock with the day where it is not today's: "12:04", "21 Nov 12:04", "21 Nov 2027 12:04". */
export function moment(at: number, now: number): string {
  const d = new Date(at * 1000);
  const today = new Date(now * 1000);
  if (d.toDateString() === today.toDateString()) return clock(at);
  return `${time(at, d.getFullYear() === today.getFullYear() ? "day" : "year")} ${clock(at)}`;
}

const SECONDS = [1, 60, 3600, 86400];

const unitOf = (s: number) => (s < 60 ? 0 : s < 3600 ? 1 : s < 86400 ? 2 : 3);

const long = (n: number, unit: number) => `${number(n)} ${habits.units[unit]}`;

/** How long, in one unit: "12 s", "4 min", "3 h", "2 d". */
export function span(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const unit = unitOf(s);
  return long(Math.floor(s / SECONDS[unit]!), unit);
}

/** How long, in the unit that still tells enough: "90 s", "90 min", "36 h". */
export function about(seconds: number): string {
  const unit = unitOf(seconds / 2);
  return long(Math.round(seconds / SECONDS[unit]!), unit);
}

/** The router's clock, from where it should be by now and the whole seconds that it just told. Unix seconds. */
export function agree(expected: number, told: number): number {
  return expected >= told && expected - told < 2 ? expected : told;
}

/** What is left, in two units at most: "42 s", "59 min 12 s", "6 h 12 min", "2 d 3 h". */
export function left(seconds: number): string {
  const s = Math.max(0, Math.ceil(seconds));
  const unit = unitOf(s);
  const most = long(Math.floor(s / SECONDS[unit]!), unit);
  if (unit === 0) return most;
  return `${most} ${long(Math.floor((s % SECONDS[unit]!) / SECONDS[unit - 1]!), unit - 1)}`;
}

/** The midnight that today began with. Unix seconds. */
export function midnight(now: number): number {
  return new Date(now * 1000).setHours(0, 0, 0, 0) / 1000;
}

/** Unix seconds as the API writes them. */
export const rfc3339 = (at: number) => new Date(Math.floor(at) * 1000).toISOString().replace(".000Z", "Z");

/** The next time the wall clock shows `hour`:00 at least one hour from `now`; both in Unix seconds. */
export function nextMorning(now: number, hour = 7): number {
  const d = new Date(now * 1000);
  d.setHours(hour, 0, 0, 0);
  while (d.getTime() / 1000 < now + 3600) d.setDate(d.getDate() + 1);
  return d.getTime() / 1000;
}

// A character's width in ems, near enough to keep a label in its column without asking the browser.
function ems(char: string): number {
  if (/[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]|\p{Extended_Pictographic}/u.test(char)) return 1.15;
  if (/[MWmw@%—<>=+~#&]/.test(char)) return 0.95;
  if (/[A-Z]/.test(char)) return 0.7;
  return /[ijlt.,:;'|! ]/.test(char) ? 0.38 : 0.62;
}

/** How wide a label is at `size` pixels a line, near enough. Pixels. */
export function widthOf(label: string, size: number): number {
  let sum = 0;
  for (const char of label) sum += ems(char);
  return sum * size;
}

/** Cuts a label to `width` pixels at `size` pixels a line, with an ellipsis where something is missing. */
export function fit(label: string, width: number, size: number): string {
  const room = width / size;
  let used = 0;
  let kept = "";
  for (const char of label) {
    used += ems(char);
    if (used > room) return kept.trimEnd() + "…";
    kept += char;
  }
  return label;
}
