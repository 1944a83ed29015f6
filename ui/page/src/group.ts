// Events as the list shows them: what repeats becomes one line with a number, what is not asked for is left out. Pure.
import type { HomeEvent } from "./wire.ts";

export type Filter = "all" | "unusual" | "new" | "actions";
export interface Line { event: HomeEvent; times: number } // event: the newest of them

const ACTIONS = ["quarantine", "release", "request", "config", "login", "audit", "dots"];

export function passes(event: HomeEvent, filter: Filter): boolean {
  if (filter === "unusual") return event.severity !== "note" || event.kind === "finding";
  if (filter === "new") return event.kind === "device";
  return filter === "all" || ACTIONS.includes(event.kind);
}

/** Groups runs of the same sentence about the same device; newest first in, newest first out. */
export function group(events: readonly HomeEvent[], filter: Filter): Line[] {
  const lines: Line[] = [];
  for (const event of events) {
    if (!passes(event, filter)) continue;
    const last = lines[lines.length - 1];
    const again = last && last.event.kind === event.kind && last.event.device === event.device && last.event.text === event.text;
    if (again) last.times++;
    else lines.push({ event, times: 1 });
  }
  return lines;
}
