// Several quarantines may hold one device: what they add up to, and what stays when some of them end. Pure.
import type { Device, Level, Quarantine } from "./wire.ts";

const STRICT: Record<Level, number> = { full: 0, internet: 1, flow: 2 };

/** The strictest of some quarantines; of equals the first. Null for none. */
export function strictest(list: readonly Quarantine[]): Quarantine | null {
  return list.reduce<Quarantine | null>((most, q) => (most && STRICT[most.level] <= STRICT[q.level] ? most : q), null);
}

/** What still holds a device when all of one source have ended. */
export function without(device: Device, source: string): Quarantine | null {
  return strictest(device.quarantines.filter((q) => q.source !== source));
}

/** The owner's own quarantine; there is at most one. */
export function owners(device: Device | undefined): Quarantine | undefined {
  return device?.quarantines.find((q) => q.source === "owner");
}

/** Whether a device is new and waits for the owner's word. */
export const waits = (device: Device) => device.held && owners(device) !== undefined;
