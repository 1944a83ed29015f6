// What state a device is in, by shape and word first, colour second.
import { unix } from "./format.ts";
import type { Device, Quarantine, Then } from "./wire.ts";

export type Mark = "cut" | "part" | "held" | "unusual" | "new" | "offline" | "normal";

export const SHAPE: Record<Mark, string> = { cut: "■", part: "◧", held: "◆", unusual: "▲", new: "◎", offline: "○", normal: "●" };

const NEW_FOR = 86400; // seconds that a device counts as new
const LEARNING = 600; // seconds after the first device in which everything is new, so nothing is

/** When the home was first looked at: the oldest first contact. Unix seconds, Infinity without devices. */
export function beginning(devices: Iterable<Device>): number {
  let first = Infinity;
  for (const d of devices) first = Math.min(first, unix(d.firstSeen) ?? Infinity);
  return first;
}

/** The one state to show: what the owner must know most comes first. */
export function markOf(device: Device, now: number, began: number): Mark {
  if (device.quarantine) return ordered(device, device.quarantine);
  if (device.contested) return "unusual";
  if (device.findings.some((f) => f.state === "open" && f.severity !== "note")) return "unusual";
  if (isNew(device, now, began)) return "new";
  return device.online ? "normal" : "offline";
}

/** The state that a device was in then. Who was absent is not kept. */
export function markThen(mac: string, then: Then): Mark {
  const held = then.quarantines.filter((q) => q.device === mac);
  if (held.length > 0) return held.some((q) => q.level === "full") ? "cut" : "part";
  return then.findings.some((f) => f.device === mac && f.severity !== "note") ? "unusual" : "normal";
}

// What was ordered and is not in force must never look as if it were.
function ordered(device: Device, strictest: Quarantine): Mark {
  if (!strictest.inForce) return "unusual";
  if (device.held) return "held";
  return strictest.level === "full" ? "cut" : "part";
}

function isNew(device: Device, now: number, began: number): boolean {
  const first = unix(device.firstSeen);
  return first !== null && !device.trusted && first - began > LEARNING && now - first < NEW_FOR;
}
