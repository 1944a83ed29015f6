// What the owner chose in the cut-off dialog, as the order that goes to the router. Pure.
import { nextMorning, rfc3339 } from "./format.ts";
import type { CutOrder, Level } from "./wire.ts";

export interface Choice {
  level: Level;
  length: "forever" | "hour" | "morning" | "own";
  until: string; // a local time as <input type="datetime-local"> gives it, for length own
  why: string;
  to: readonly string[];
}

export type Missing = "until" | "to" | "many";

const MAX_TARGETS = 64; // the router takes no more

/** The order for a choice, or what is missing in it. */
export function orderOf(choice: Choice, now: number, acknowledge: boolean): CutOrder | Missing {
  const order: CutOrder = { level: choice.level };
  if (choice.level === "flow") {
    order.to = fewer(choice.to);
    if (order.to.length === 0) return "to";
    if (order.to.length > MAX_TARGETS) return "many";
  }
  if (choice.length === "hour") order.for = "1h";
  if (choice.length === "morning") order.until = rfc3339(nextMorning(now));
  if (choice.length === "own") {
    const at = Date.parse(choice.until);
    if (Number.isNaN(at)) return "until";
    order.until = rfc3339(at / 1000);
  }
  if (choice.why.trim()) order.why = choice.why.trim();
  if (acknowledge) order.acknowledge = true;
  return order;
}

// Too many targets go without their ports: that stops a little more, all of an address, rather than nothing.
function fewer(to: readonly string[]): string[] {
  const all = [...new Set(to)];
  if (all.length <= MAX_TARGETS) return all;
  return [...new Set(all.map((t) => t.replace(/\/[a-z]\w*$/, "").replace(/^\[(.*)\]:\d+$/, "$1").replace(/^([\d.]+):\d+$/, "$1")))];
}
