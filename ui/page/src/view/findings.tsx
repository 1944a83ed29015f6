import { judge } from "../actions.ts";
import { clean } from "../clean.ts";
import { bytes } from "../format.ts";
import { live, mayAct } from "../state.ts";
import { text } from "../text.ts";
import type { Device, Finding, Flow } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Said } from "./said.tsx";
import { when } from "./when.ts";

/** What was unusual about a device, each with its reason, what it was seen in, and the owner's word. */
export function Findings({ device }: { device: Device }) {
  const list = [...device.findings].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.id - a.id);
  if (list.length === 0) return null;
  return (
    <ul class="findings" aria-label={text.finding.title}>
      {list.map((f) => <One key={f.id} finding={f} />)}
    </ul>
  );
}

const ORDER = ["open", "over", "fine"];

function One({ finding: f }: { finding: Finding }) {
  return (
    <li class={f.state === "open" && f.severity !== "note" ? "finding" : "finding settled"}>
      <p>{f.state === "open" && f.severity !== "note" ? "▲ " : ""}<strong>{text.finding.state[f.state] ?? ""}</strong> <Said say={f.say} words={f.text} /></p>
      <p class="muted">{lasted(f)}</p>
      {f.heldBack && <p><strong>{text.finding.held(text.level[f.heldBack])}</strong></p>}
      {f.sources.length > 0 && <p>{text.finding.forged(f.sources.join(", "))}</p>}
      <Evidence flows={f.flows} />
      {mayAct.value && f.state !== "over" && <Judge finding={f} />}
    </li>
  );
}

function lasted({ start, end }: Finding): string {
  const [from, to] = [when(start), when(end)];
  if (!from) return "";
  return to ? text.finding.span(from, to) : text.finding.since(from);
}

function Judge({ finding }: { finding: Finding }) {
  const { busy, run } = useErrand();
  const next = finding.state === "fine" ? "open" : "fine";
  const words = finding.heldBack && next === "fine" ? text.finding.free : text.finding.say[next];
  return <button class="small" disabled={busy || !live.value} onClick={() => run(judge(finding, next))}>{words}</button>;
}

function Evidence({ flows }: { flows: Flow[] }) {
  if (flows.length === 0) return null;
  return (
    <details>
      <summary>{text.finding.seen(flows.length)}</summary>
      <ul class="rows endpoints">
        {flows.map((f, i) => (
          <li key={i}>
            <span class="name">
              <bdi>{clean(f.name ?? f.remote ?? f.peer, 80) || "?"}</bdi>
              <small class="muted"> {f.port === null ? clean(f.protocol, 16) : `${clean(f.protocol, 16)} ${text.device.port(f.port)}`}</small>
            </span>
            <span class="number">↓ {bytes(f.rxBytes)} ↑ {bytes(f.txBytes)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
