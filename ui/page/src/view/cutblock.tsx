import { pick } from "../actions.ts";
import { moment, unix } from "../format.ts";
import { cutDevices, home, markIs } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { Shape } from "./header.tsx";
import { LetIn, Proof } from "./cutstate.tsx";

/** All that is cut off, with the way back, always in sight. */
export function CutBlock() {
  const devices = cutDevices.value;
  if (devices.length === 0) return null;
  return (
    <section class="card cutblock" aria-labelledby="cut-title">
      <h2 id="cut-title">{text.cutBlock.title}</h2>
      <ul>{devices.map((d) => <Row key={d.id} device={d} />)}</ul>
    </section>
  );
}

function Row({ device }: { device: Device }) {
  return (
    <li>
      <div class="who">
        <button class="name" onClick={() => pick({ what: "device", id: device.id })}>
          <Shape mark={markIs(device.id)} /> <bdi>{device.name}</bdi>
        </button>
        <span class="muted">{until(device)}</span>
        <Proof device={device} />
      </div>
      <LetIn device={device} />
    </li>
  );
}

/** When a quarantine ends, in words. */
export function until(device: Device): string {
  const end = unix(device.quarantine?.until);
  return end === null ? text.cutBlock.forever : text.cutBlock.until(moment(end, home.value.now));
}
