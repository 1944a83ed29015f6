import { edit } from "../api.ts";
import { clean } from "../clean.ts";
import { bytes } from "../format.ts";
import { pairKey, type Pair } from "../reduce.ts";
import { beyond, home, live, mayAct, past, peers } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { Bar } from "./chart.tsx";
import { Choices } from "./choices.tsx";
import { useErrand } from "./errand.ts";
import { Failed } from "./failed.tsx";
import { Jump } from "./jump.tsx";
import { RefusePorts } from "./ports.tsx";
import { neighbours, ownerName, pairsOf } from "./talks.ts";
import { Toggle } from "./toggle.tsx";
import { flowing, when } from "./when.ts";

const OWNERS = 12;
const ENDPOINTS = 12;
const ROUTER = "this router"; // as the stream names it, in English

/** The owners that a device talked to in the last hour, or that it tries to reach all the same. */
export function Owners({ device }: { device: Device }) {
  const barred = !past.value && device.quarantine?.inForce && device.quarantine.level !== "flow";
  const notes = (p: Pair) => [text.device.source[home.value.owners.get(p.owner)?.source ?? ""], beyond.value.has(pairKey(p.device, p.owner)) && `┄ ${text.map.beyond}`];
  const pairs = pairsOf(device.id);
  const most = Math.max(1, ...pairs.map((p) => p.tx + p.rx));
  return (
    <>
      <h3>{barred ? text.held.tries : text.table.talks}</h3>
      {pairs.length === 0 && <p class="muted">{past.value ? text.rewind.silent : text.device.silent}</p>}
      <ul class="rows">
        {pairs.slice(0, OWNERS).map((p) => (
          <li key={p.owner}>
            <Jump what="owner" id={p.owner}><bdi>{ownerName(p.owner)}</bdi></Jump>
            <span class="number">{flowing(p)}</span>
            <small class="muted known">{notes(p).filter(Boolean).join(" · ")}</small>
            <Bar rx={p.rx} tx={p.tx} of={most} />
          </li>
        ))}
      </ul>
      {pairs.length > OWNERS && <p class="muted">{text.more(pairs.length - OWNERS)}</p>}
    </>
  );
}

/** The other devices of the home that it exchanged anything with. */
export function Neighbours({ device }: { device: Device }) {
  const found = neighbours(device);
  if (found.length === 0) return null;
  return (
    <>
      <h3>{text.device.home}</h3>
      <ul class="rows">
        {found.slice(0, OWNERS).map((n) => (
          <li key={n.mac}>
            {n.device
              ? <Jump id={n.device.id}><bdi>{n.device.name}</bdi></Jump>
              : <span class="name">{clean(n.mac)}</span>}
            <span class="number">{bytes(n.bytes)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Names and addresses of the device in focus, as the stream tells them. */
export function Endpoints({ device }: { device: number }) {
  const focus = home.value.focus;
  if (focus?.device !== device || focus.rows.size === 0) return null;
  const rows = [...focus.rows.values()].sort((a, b) => b.tx + b.rx - a.tx - a.rx || b.last - a.last || a.id - b.id);
  const more = focus.more + Math.max(0, rows.length - ENDPOINTS);
  const known = sources(device);
  return (
    <details>
      <summary>{text.device.names}</summary>
      <ul class="rows endpoints">
        {rows.slice(0, ENDPOINTS).map((r) => (
          <li key={r.id}>
            <span class="name"><bdi>{r.name === ROUTER ? text.device.router : r.name}</bdi>{r.port ? <small class="muted"> {text.device.port(r.port)}</small> : null}</span>
            <span class="number">{flowing(r)}</span>
            <small class="muted known">{heardOf(known.get(r.name))}</small>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="muted">{text.more(more)}</p>}
    </details>
  );
}

const HEARD: Record<string, string> = { sni: "TLS", quic: "QUIC", http: "HTTP", dns: "DNS", mdns: "mDNS", dhcp: "DHCP" };
const heardOf = (how = "") => HEARD[how] && text.device.heard(HEARD[how]);

// How the names of a device's far ends became known, by name.
function sources(device: number): Map<string, string> {
  const flows = peers.value.get(device) ?? [];
  return new Map(flows.flatMap((f) => (f.name && f.nameSource ? [[clean(f.name, 80), f.nameSource]] : [])));
}

/** What only some ask for: addresses, sums, times, and what the device may do. */
export function Facts({ device }: { device: Device }) {
  const rows: [string, string][] = [
    [text.device.addresses, device.addresses.map((a) => clean(a)).join("\n") || "–"],
    [text.device.mac, device.mac + (device.randomMac ? ` (${text.device.random})` : "")],
    [text.device.vendor, device.vendor ?? "–"],
    [text.device.named, text.device.nameSource[device.nameSource] ?? clean(device.nameSource)],
    [text.device.first, when(device.firstSeen) || "–"],
    [text.table.seen, when(device.lastSeen) || "–"],
    [text.device.received, bytes(device.rxBytes)],
    [text.device.sent, bytes(device.txBytes)],
  ];
  return (
    <details>
      <summary>{text.device.facts}</summary>
      <dl class="facts">{rows.map(([key, value]) => <div key={key}><dt>{key}</dt><dd>{value}</dd></div>)}</dl>
      <Choices
        id="exceptions" device={device} list={device.exceptions} words={text.exceptions} longest={64}
        change={(exceptions) => ({ exceptions })}
      />
      <RefusePorts device={device} />
      {mayAct.value && <Standing device={device} />}
    </details>
  );
}

// What the owner thinks of it.
function Standing({ device }: { device: Device }) {
  return (
    <>
      <h3>{text.device.standing}</h3>
      <Toggle device={device} on={device.trusted} words={text.device.trust} change={(trusted) => ({ trusted })} />
      <Toggle device={device} on={device.ignored} words={text.device.hide} change={(ignored) => ({ ignored })} />
      <Alarms device={device} />
      <Choices
        id="controls" device={device} list={device.controls} words={text.controls} longest={1024}
        change={(controls) => ({ controls })}
      />
    </>
  );
}

const ANSWERS = ["", "tell", "flow", "internet", "full"] as const;

// What happens by itself when it goes wild.
function Alarms({ device }: { device: Device }) {
  const { failed, run } = useErrand();
  const set = (answer: string) => run(edit(device.mac, { onFinding: (answer || null) as Device["onFinding"] }));
  return (
    <>
      <label class="choose">
        <span>{text.device.wild}</span>
        <select value={device.onFinding ?? ""} disabled={!live.value} onChange={(event) => set(event.currentTarget.value)}>
          {ANSWERS.map((a) => <option key={a} value={a}>{text.device.answers[a || "settings"]}</option>)}
        </select>
      </label>
      <Failed words={failed} />
    </>
  );
}
