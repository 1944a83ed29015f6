import { useState } from "preact/hooks";
import { edit, words } from "../actions.ts";
import { clean } from "../clean.ts";
import { live, mayAct } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";

/** Whether a device may have ports opened to the internet. */
export function RefusePorts({ device }: { device: Device }) {
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const set = async (refuseMappings: boolean) => {
    setBusy(true);
    const error = await edit(device.mac, { refuseMappings }).then(() => null, words);
    setBusy(false);
    setFailed(error ? text.device.unsaved(error) : "");
  };
  return (
    <>
      <h3>{text.ports.title}</h3>
      {device.mappings.length === 0 && <p class="muted">{text.ports.none}</p>}
      <Mappings device={device} />
      {mayAct.value ? <Switch on={device.refuseMappings} busy={busy} set={(on) => void set(on)} /> : device.refuseMappings && <p class="muted">{text.ports.refused}</p>}
      {failed && <p class="failed" role="alert">▲ {failed}</p>}
    </>
  );
}

function Switch({ on, busy, set }: { on: boolean; busy: boolean; set: (on: boolean) => void }) {
  return (
    <label class="switchrow">
      <input
        type="checkbox" role="switch" checked={on} disabled={busy || !live.value}
        onChange={(event) => {
          set(event.currentTarget.checked);
          event.currentTarget.checked = on; // it turns when the router says so
        }}
      />
      <span>{text.ports.refuse}</span>
    </label>
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
