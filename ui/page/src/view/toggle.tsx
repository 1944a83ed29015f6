import { useState } from "preact/hooks";
import { edit, words } from "../actions.ts";
import type { DeviceEdit } from "../api.ts";
import { live } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";

/** A switch for one choice about a device. It turns when the router says so, not before. */
export function Toggle({ device, on, words: label, change }: { device: Device; on: boolean; words: string; change: (on: boolean) => DeviceEdit }) {
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const set = async (next: boolean) => {
    setBusy(true);
    const error = await edit(device.mac, change(next)).then(() => null, words);
    setBusy(false);
    setFailed(error ? text.device.unsaved(error) : "");
  };
  return (
    <>
      <label class="switchrow">
        <input
          type="checkbox" role="switch" checked={on} disabled={busy || !live.value}
          onChange={(event) => {
            void set(event.currentTarget.checked);
            event.currentTarget.checked = on;
          }}
        />
        <span>{label}</span>
      </label>
      {failed && <p class="failed" role="alert">▲ {failed}</p>}
    </>
  );
}
