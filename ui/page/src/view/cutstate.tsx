import { release } from "../actions.ts";
import { owners } from "../cuts.ts";
import { count } from "../format.ts";
import { asking, live, mayAct, pending } from "../state.ts";
import { text } from "../text.ts";
import type { Device, Quarantine } from "../wire.ts";
import { when } from "./when.ts";

/** The way back, without a question: letting in harms nobody, and the log keeps it. */
export function LetIn({ device }: { device: Device }) {
  const way = pending.value.get(device.mac);
  if (!mayAct.value) return null;
  return (
    <button class="letin" disabled={!live.value || way !== undefined} onClick={() => release(device.mac)}>
      {way === "in" ? text.held.letting : text.held.letIn}
    </button>
  );
}

/** The way to the dialog that asks before a device is cut off, or cut off otherwise. */
export function CutOff({ device }: { device: Device }) {
  const way = pending.value.get(device.mac);
  const again = owners(device) !== undefined;
  return (
    <button class={device.quarantine ? "" : "primary"} disabled={!live.value || way !== undefined} onClick={() => (asking.value = device.mac)}>
      {way === "cut" ? text.held.cutting : again ? text.held.change : text.held.cut}
    </button>
  );
}

/** The real effect in numbers: what passed and what was refused since. */
export function Proof({ of }: { of: Quarantine }) {
  const since = when(of.since);
  if (!since) return null;
  return <span class="proof">{text.held.proof(count(of.passedPackets), count(of.refusedPackets), since)}</span>;
}

/** Whether the kernel holds what was asked, in words; never said before it was read back. */
export function Confirmation({ device }: { device: Device }) {
  const q = device.quarantine;
  if (pending.value.get(device.mac) === "cut") return <p class="confirm waiting">{text.held.waiting}</p>;
  if (!q) return null;
  if (!q.inForce) return <p class="confirm doubt">▲ {text.held.broken}</p>;
  return <p class="confirm sure">{q.level === "full" ? "■" : "◧"} {text.held.confirmed(text.cutOff[q.level])}</p>;
}

/** When a quarantine ends, in words. */
export function until(q: Quarantine): string {
  const end = when(q.until);
  return end ? text.cutBlock.until(end) : text.cutBlock.forever;
}
