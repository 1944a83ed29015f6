import { end } from "../actions.ts";
import { without } from "../cuts.ts";
import { live, mayAct, pending } from "../state.ts";
import { text, whose } from "../text.ts";
import type { Device, Quarantine } from "../wire.ts";
import { Clock } from "./clock.tsx";
import { Proof, until } from "./cutstate.tsx";
import { Said } from "./said.tsx";
import { attempts } from "./talks.ts";
import { when } from "./when.ts";

/** All that holds a device, each with its reason, its clock, its proof and its own end. */
export function Quarantines({ device }: { device: Device }) {
  if (device.quarantines.length === 0) return null;
  return (
    <>
      <h3 id="holds-title">{text.held.title}</h3>
      <ul class="holds" aria-labelledby="holds-title">
        {device.quarantines.map((q) => <One key={q.id} device={device} of={q} />)}
      </ul>
      <Targets title={text.held.tries} to={attempts(device)} />
    </>
  );
}

function One({ device, of: q }: { device: Device; of: Quarantine }) {
  const since = when(q.since);
  const stays = device.quarantines.length > 1 ? without(device, q.source) : null;
  return (
    <li>
      <p class="what">
        <span><strong>{text.level[q.level]}</strong> {text.held.by(whose(q, device.held))}</span>
        {mayAct.value && <End device={device} of={q} />}
      </p>
      {q.why && <p>{q.source === "owner" && !q.say ? <bdi>{text.held.why(q.why)}</bdi> : <Said say={q.say} words={q.why} within={text.held.why} />}</p>}
      <p class="span">
        <span class="muted">{since && `${text.finding.since(since)}, `}{until(q)}</span>
        <Clock of={q} />
      </p>
      <Targets title={text.held.stops} to={q.to} />
      <p>{q.inForce ? <Proof of={q} /> : <span class="doubt">▲ {text.held.off}</span>}</p>
      {stays && <p class="muted then">{text.held.then(text.level[stays.level], whose(stays))}</p>}
    </li>
  );
}

// The router ends by source, so what came from one source ends together.
function End({ device, of: q }: { device: Device; of: Quarantine }) {
  const together = device.quarantines.filter((other) => other.source === q.source).length;
  return (
    <button
      class="letin small" disabled={!live.value || pending.value.has(device.mac)}
      aria-label={together > 1 ? undefined : `${text.held.end}: ${text.level[q.level]}, ${text.held.by(whose(q))}`}
      onClick={() => end(device.mac, q.source)}
    >
      {together > 1 ? text.held.endAll(together) : text.held.end}
    </button>
  );
}

const SHOWN = 6;

function Targets({ title, to }: { title: string; to: string[] }) {
  if (to.length === 0) return null;
  return (
    <p class="targets">
      {title}: <bdi>{to.slice(0, SHOWN).join(", ")}</bdi>
      {to.length > SHOWN && ` ${text.more(to.length - SHOWN)}`}
    </p>
  );
}
