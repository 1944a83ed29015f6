import { cutDevices, home } from "../state.ts";
import { markOf } from "../mark.ts";
import { text, whose } from "../text.ts";
import type { Device } from "../wire.ts";
import { Clock } from "./clock.tsx";
import { LetIn, Proof, until } from "./cutstate.tsx";
import { Shape } from "./header.tsx";
import { Jump } from "./jump.tsx";

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
  const q = device.quarantine!;
  const mark = markOf(device, home.value.now, 0); // now, whatever the map shows
  return (
    <li class={mark}>
      <div class="who">
        <Jump id={device.id}><Shape mark={mark} /> <bdi>{device.name}</bdi></Jump>
        <span class="muted">{text.level[q.level]}, {text.held.by(whose(q))}, {until(q)}</span>
        <Clock of={q} />
        {q.inForce ? <Proof of={q} /> : <span class="doubt">{text.held.broken}</span>}
      </div>
      <LetIn device={device} />
    </li>
  );
}
