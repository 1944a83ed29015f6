import { live, lookingBack, past } from "../state.ts";
import { text, whose } from "../text.ts";
import type { Device } from "../wire.ts";
import { Share } from "./share.tsx";
import { Bar } from "./strip.tsx";
import { when } from "./when.ts";

/** The way into the past: the same picture as it was, moment by moment. Shut, it asks the router for nothing. */
export function Rewind() {
  const open = lookingBack.value;
  const close = () => {
    past.value = null;
    lookingBack.value = false;
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".rewind button")?.focus());
  };
  if (!open) {
    return (
      <p class="rewind">
        <button disabled={!live.value} onClick={() => (lookingBack.value = true)}><span aria-hidden="true">◄ </span>{text.rewind.open}</button>
        <Share />
      </p>
    );
  }
  return <section class="card rewind open" aria-label={text.rewind.open}><Bar close={close} /></section>;
}

/** In the panel of a device, of a moment of the past: what held it then. */
export function HeldThen({ device }: { device: Device }) {
  const held = past.value?.then?.quarantines.filter((q) => q.device === device.mac) ?? [];
  return <>{held.map((q, i) => <p key={i} class="note">◄ {text.rewind.held(text.level[q.level], whose({ ...q, provider: null }), when(q.since))}</p>)}</>;
}
