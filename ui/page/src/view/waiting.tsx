import { allow, keepOut } from "../actions.ts";
import { waits } from "../cuts.ts";
import { live, mayAct, pending, pickedId, waiting } from "../state.ts";
import { formersOf } from "../same.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { Jump } from "./jump.tsx";
import { Said } from "./said.tsx";
import { when } from "./when.ts";

/** New devices that wait for the owner's word, each with both answers. The one in the panel has them there. */
export function Waiting() {
  return <>{waiting.value.filter((d) => d.id !== pickedId("device")).map((d) => <Card key={d.mac} device={d} />)}</>;
}

function Card({ device }: { device: Device }) {
  const title = `waiting-${device.id}`;
  const first = when(device.firstSeen);
  const about = [device.vendor, device.addresses[0], first && text.waiting.seen(first)];
  return (
    <section class="card waiting" aria-labelledby={title}>
      <h2 id={title}>
        <Jump id={device.id}><span aria-hidden="true">◆ </span><bdi>{text.waiting.title(device.name)}</bdi></Jump>
      </h2>
      <p class="muted">{about.filter(Boolean).join(" · ")}</p>
      <p>{text.waiting.body}</p>
      {formersOf(device).map((m) => <p key={m.mac}><strong><bdi>{text.same.asks(m.name)}</bdi></strong> <Said say={m.say} words={m.why} /></p>)}
      {mayAct.value && <div class="buttons"><Answers device={device} /></div>}
    </section>
  );
}

/** In the panel of a device that waits: what it waits for. */
export function WaitingNote({ device }: { device: Device }) {
  return waits(device) ? <p class="note"><span aria-hidden="true">◆ </span>{text.waiting.title(device.name)}. {text.waiting.body}</p> : null;
}

/** Yes and no to a new device. */
export function Answers({ device }: { device: Device }) {
  const still = !live.value || pending.value.has(device.mac);
  return (
    <>
      <button aria-label={`${text.waiting.keepOut}: ${device.name}`} disabled={still} onClick={() => keepOut(device)}>{text.waiting.keepOut}</button>
      <button class="primary" aria-label={`${text.waiting.allow}: ${device.name}`} disabled={still} onClick={() => allow(device)}>{text.waiting.allow}</button>
    </>
  );
}
