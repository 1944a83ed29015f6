// Devices of one make: side by side, the odd one shows. Pure.
import type { Device } from "./wire.ts";

const MOST = 2; // beside the one that is looked at

/** Other devices of the same kind, by the same maker or with the same maker's description. */
export function twinsOf(device: Device, all: Iterable<Device>): Device[] {
  const alike = (a: unknown, b: unknown) => Boolean(a) && a === b;
  const twins = [...all].filter((d) => d.id !== device.id && !d.ignored && alike(d.kind, device.kind) &&
    (alike(d.vendor, device.vendor) || alike(d.mud?.url, device.mud?.url)));
  return twins.slice(0, MOST);
}
