import { edit, type DeviceEdit } from "../api.ts";
import { live } from "../state.ts";
import type { Device } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Failed } from "./failed.tsx";

/** A switch for one choice about a device. It turns when the router says so, not before. */
export function Toggle({ device, on, words: label, change }: { device: Device; on: boolean; words: string; change: (on: boolean) => DeviceEdit }) {
  const { busy, failed, run } = useErrand();
  return (
    <>
      <label class="switchrow">
        <input
          type="checkbox" role="switch" checked={on} disabled={busy || !live.value}
          onChange={(event) => {
            run(edit(device.mac, change(event.currentTarget.checked)));
            event.currentTarget.checked = on;
          }}
        />
        <span>{label}</span>
      </label>
      <Failed words={failed} />
    </>
  );
}
