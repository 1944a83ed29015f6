import { edit, type DeviceEdit } from "../api.ts";
import { live } from "../state.ts";
import type { Device } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Failed } from "./failed.tsx";

/** A switch. It turns when the router says so, not before. */
export function Switch({ on, words, disabled, set }: { on: boolean; words: string; disabled: boolean; set: (on: boolean) => void }) {
  return (
    <label class="switchrow">
      <input
        type="checkbox" role="switch" checked={on} disabled={disabled}
        onChange={(event) => { set(event.currentTarget.checked); event.currentTarget.checked = on; }}
      />
      <span>{words}</span>
    </label>
  );
}

/** A switch for one choice about a device. */
export function Toggle({ device, on, words: label, change }: { device: Device; on: boolean; words: string; change: (on: boolean) => DeviceEdit }) {
  const { busy, failed, run } = useErrand();
  return (
    <>
      <Switch on={on} words={label} disabled={busy || !live.value} set={(on) => run(edit(device.mac, change(on)))} />
      <Failed words={failed} />
    </>
  );
}
