import { useEffect, useRef, useState } from "preact/hooks";
import { edit } from "../api.ts";
import { live } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Failed } from "./failed.tsx";

/** Name and kind of a device, edited in their place. Esc takes nothing over. */
export function Rename({ device, close }: { device: Device; close: () => void }) {
  const own = device.nameSource === "owner" ? device.name : "";
  const [name, setName] = useState(own);
  const [kind, setKind] = useState(device.kind ?? "");
  const { busy, failed, run } = useErrand();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const save = async (event: Event) => {
    event.preventDefault();
    const change = changes(device, name.trim(), kind);
    if (Object.keys(change).length === 0 || (await run(edit(device.mac, change)))) close();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  return (
    <form class="rename" onSubmit={save} onKeyDown={onKey}>
      <label>
        <span>{text.device.name}</span>
        <input
          ref={field} value={name} placeholder={device.name} maxLength={64} autocomplete="off" aria-describedby="rename-hint"
          aria-invalid={failed !== ""} onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <p id="rename-hint" class="muted">{text.device.nameHint}</p>
      <Kinds value={kind} set={setKind} />
      <Failed words={failed} />
      <div class="buttons">
        <button type="button" onClick={close}>{text.cancel}</button>
        <button class="primary" disabled={busy || !live.value}>{busy ? text.busy : text.device.save}</button>
      </div>
    </form>
  );
}

function Kinds({ value, set }: { value: string; set: (kind: string) => void }) {
  const known = Object.keys(text.kind).filter((k) => k !== "away");
  const kinds = value === "" || known.includes(value) ? known : [value, ...known];
  return (
    <label>
      <span>{text.device.kind}</span>
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{text.device.kindless}</option>
        {kinds.map((k) => <option key={k} value={k}>{text.kind[k]?.[0] ?? k}</option>)}
      </select>
    </label>
  );
}

// Only what was changed goes to the router: the rest may have changed there.
function changes(device: Device, name: string, kind: string) {
  const own = device.nameSource === "owner" ? device.name : "";
  return { ...(name !== own && { name: name || null }), ...(kind !== (device.kind ?? "") && { kind: kind || null }) };
}
