// Which phone a device is not: the owner's "No", kept by this browser. The last of them only.
import { keep, kept } from "./keepsake.ts";
import { signal } from "@preact/signals";
import type { Device, Former } from "./wire.ts";

const MOST = 50;
const DIFFER = "differ";

const differ = signal<readonly string[]>((kept(DIFFER) ?? "").split(" "));

const pair = (device: Device, former: Former) => `${device.mac}=${former.mac}`;

/** The devices that this one may be, but for those that it is not. */
export const formersOf = (device: Device): Former[] => device.maybe.filter((f) => !differ.value.includes(pair(device, f)));

/** Asks no more whether they are the same. */
export function deny(device: Device, former: Former): void {
  differ.value = [...differ.value, pair(device, former)].slice(-MOST);
  keep(DIFFER, differ.value.join(" "));
}
