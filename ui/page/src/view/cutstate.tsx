import { release } from "../actions.ts";
import { count, moment, unix } from "../format.ts";
import { asking, home, live, pending, status } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";

/** The way back, without a question: letting in harms nobody, and the log keeps it. */
export function LetIn({ device }: { device: Device }) {
  const way = pending.value.get(device.mac);
  return (
    <button class="letin" disabled={!live.value || way !== undefined} onClick={() => void release(device.mac)}>
      {way === "in" ? text.device.letting : text.device.letIn}
    </button>
  );
}

/** The way to the dialog that asks before a device is cut off. */
export function CutOff({ device }: { device: Device }) {
  const way = pending.value.get(device.mac);
  return (
    <button class="primary" disabled={!live.value || way !== undefined} onClick={() => void (asking.value = device.mac)}>
      {way === "cut" ? text.device.cutting : text.device.cut}
    </button>
  );
}

/** The real effect in numbers: what passed and what was refused since. */
export function Proof({ device }: { device: Device }) {
  const q = device.quarantine;
  const since = unix(q?.since);
  if (!q || since === null) return null;
  return <span class="proof">{text.device.proof(count(q.passedPackets), count(q.refusedPackets), moment(since, home.value.now))}</span>;
}

/** Whether the firewall holds what was asked, in words; never said before the device's own state says so. */
export function Confirmation({ device }: { device: Device }) {
  const q = device.quarantine;
  if (pending.value.get(device.mac) === "cut") return <p class="confirm waiting">{text.device.waiting}</p>;
  if (!q) return null;
  if (status.value?.firewall.state === "failed") return <p class="confirm doubt">▲ {text.device.unconfirmed}</p>;
  if (status.value?.firewall.state === "pending") return <p class="confirm waiting">{text.device.waiting}</p>;
  return <p class="confirm sure">■ {q.level === "full" ? text.device.confirmed : text.device.partly}</p>;
}
