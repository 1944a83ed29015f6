import { useState } from "preact/hooks";
import { pick, say } from "../actions.ts";
import { erase, exportOf } from "../api.ts";
import { live } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Failed } from "./failed.tsx";

/** All that is kept about a device, to take along or to erase; erasing wants a second word. */
export function Keep({ device }: { device: Device }) {
  const [sure, setSure] = useState(false);
  const { busy, failed, run } = useErrand();
  const go = async () => {
    const done = await run(erase(device.mac));
    setSure(false);
    if (!done) return;
    say(text.keep.done(device.name));
    pick(null);
  };
  return (
    <details>
      <summary>{text.keep.title}</summary>
      <p><a href={exportOf(device.mac)} download="">{text.keep.export}</a></p>
      <p class="muted">{sure ? text.keep.warning : text.keep.about}</p>
      <p class="assign">
        {sure && <button class="safe" onClick={() => setSure(false)}>{text.cancel}</button>}
        <button class={sure ? "primary" : ""} disabled={busy || !live.value} onClick={() => (sure ? go() : setSure(true))}>
          {sure ? text.keep.sure(device.name) : text.keep.erase}
        </button>
      </p>
      <Failed words={failed} />
    </details>
  );
}
