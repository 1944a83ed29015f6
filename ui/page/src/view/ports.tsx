import { clean } from "../clean.ts";
import { mayAct } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { Toggle } from "./toggle.tsx";

/** Whether a device may have ports opened to the internet. */
export function RefusePorts({ device }: { device: Device }) {
  const on = device.refuseMappings;
  return (
    <>
      <h3>{text.ports.title}</h3>
      {device.mappings.length === 0 && <p class="muted">{text.ports.none}</p>}
      <Mappings device={device} />
      {mayAct.value
        ? <Toggle device={device} on={on} words={text.ports.refuse} change={(refuseMappings) => ({ refuseMappings })} />
        : on && <p class="muted">{text.ports.refused}</p>}
    </>
  );
}

function Mappings({ device }: { device: Device }) {
  return (
    <ul class="rows">
      {device.mappings.map((m) => (
        <li key={`${m.protocol}.${m.outsidePort}`}>
          <span>
            {text.ports.open(m.outsidePort, clean(m.protocol, 8))}
            {m.port !== m.outsidePort && <small class="muted"> {text.ports.inner(m.port)}</small>}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Said where the panel begins: that the internet can come in. */
export function OpenPorts({ device }: { device: Device }) {
  if (device.mappings.length === 0) return null;
  return <p class="note">{text.ports.now(device.mappings.map((m) => m.outsidePort).join(", "))}</p>;
}
