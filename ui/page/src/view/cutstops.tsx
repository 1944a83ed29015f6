import { useState } from "preact/hooks";
import { bytes } from "../format.ts";
import type { Party, Use } from "../parties.ts";
import { byMac } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { ownersNow } from "./talks.ts";

const NAMED = 5;

/** What stops: who it talked to today and how much, then whom it talks to now. */
export function Stops({ device, home, today, part }: { device: Device; home: boolean; today: Party[] | null; part: boolean }) {
  const [now] = useState(() => ownersNow(device.id));
  const rows = (today ?? []).filter((p) => home || !p.home).map((p) => ({ name: p.name, bytes: p.bytes as number | null }));
  for (const name of now) if (!rows.some((r) => r.name === name)) rows.push({ name, bytes: null });
  if (rows.length === 0) return <p class="muted quiet">{today ? text.cut.quiet : text.busy}</p>;
  return (
    <div class="stops">
      <p>{part ? text.cut.talksPart : text.cut.talks}</p>
      <ul class="rows">
        {rows.slice(0, NAMED).map((r) => (
          <li key={r.name}><bdi>{r.name}</bdi>{r.bytes !== null && <span class="number">{bytes(r.bytes)}</span>}</li>
        ))}
        {rows.length > NAMED && <li class="muted">{text.more(rows.length - NAMED)}</li>}
      </ul>
    </div>
  );
}

/** Who in the home depends on the device, in words. */
export function Depends({ uses }: { uses: Map<Use, string[]> }) {
  if (uses.size === 0) return null;
  return (
    <ul class="depends">
      {[...uses].map(([use, macs]) => (
        <li key={use}>{text.cut.depends(macs.length, text.cut.use[use], namesOf(macs))}</li>
      ))}
    </ul>
  );
}

function namesOf(macs: string[]): string {
  const names = macs.slice(0, NAMED).map((mac) => byMac(mac)?.name ?? mac).join(", ");
  return macs.length > NAMED ? `${names} ${text.more(macs.length - NAMED)}` : names;
}

const MOST = 40; // parties to choose from

/** The parties to tick, for a device that is cut off from some of them only. */
export function Ticks({ today, set }: { today: Party[] | null; set: (to: string[]) => void }) {
  const [ticked, tick] = useState<ReadonlySet<string>>(new Set());
  const rows = (today ?? []).filter((p) => p.to.length > 0).slice(0, MOST);
  const toggle = (key: string) => {
    const next = new Set(ticked);
    if (!next.delete(key)) next.add(key);
    tick(next);
    set(rows.filter((p) => next.has(p.key)).flatMap((p) => p.to));
  };
  if (rows.length === 0) return <p class="muted quiet">{today ? text.cut.nobody : text.busy}</p>;
  return (
    <fieldset class="choices ticks">
      <legend>{text.cut.tick}</legend>
      <div class="scroll">
        {rows.map((p) => (
          <label key={p.key}>
            <input type="checkbox" checked={ticked.has(p.key)} onChange={() => toggle(p.key)} />
            <span><bdi>{p.name}</bdi>{p.home && <small class="muted"> {text.cut.inHome}</small>}</span>
            <span class="number muted">{bytes(p.bytes)}</span>
          </label>
        ))}
      </div>
      <p class="muted">{text.cut.addresses}</p>
    </fieldset>
  );
}
