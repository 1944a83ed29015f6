import { pick } from "../actions.ts";
import { live, mayAct, picked, shown } from "../state.ts";
import { text } from "../text.ts";
import type { Approval } from "../wire.ts";

const SHOWN = 12;

/** Sentences of the router under a heading; long lists end. Nothing for none. */
export function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="sentences" lang="en">
        {lines.slice(0, SHOWN).map((line, i) => <li key={i}><bdi>{line}</bdi></li>)}
      </ul>
      {lines.length > SHOWN && <p class="muted">{text.device.more(lines.length - SHOWN)}</p>}
    </>
  );
}

/** What of a maker's description waits for the owner, each with both answers. */
export function Approvals({ list, busy, answer }: { list: readonly Approval[]; busy: boolean; answer: (id: string, yes: boolean) => void }) {
  return (
    <>
      {list.map((a) => (
        <section key={a.id} class="note approval" aria-label={text.mud.asks[a.kind] ?? a.kind}>
          <p><strong>◆ {text.mud.asks[a.kind] ?? a.kind}</strong></p>
          {a.url && <p class="muted"><bdi>{a.url}</bdi></p>}
          <ul class="sentences" lang="en">{a.why.slice(0, SHOWN).map((why, i) => <li key={i}><bdi>{why}</bdi></li>)}</ul>
          <Lines title={text.mud.would} lines={a.policy} />
          <div class="buttons">
            <button disabled={busy || !live.value} onClick={() => answer(a.id, false)}>{text.mud.refuse}</button>
            <button class="primary" disabled={busy || !live.value} onClick={() => answer(a.id, true)}>{text.mud.approve}</button>
          </div>
        </section>
      ))}
    </>
  );
}

/** Devices whose maker's description waits for the owner; not the one in the panel. */
export function WaitingProfiles() {
  const at = picked.value?.what === "device" ? picked.value.id : null;
  const list = shown.value.filter((d) => (d.mud?.approvals.length ?? 0) > 0 && d.id !== at);
  if (list.length === 0 || !mayAct.value) return null;
  return (
    <section class="card waiting" aria-labelledby="mud-title">
      <h2 id="mud-title"><span aria-hidden="true">◆ </span>{text.mud.card}</h2>
      <ul class="rows">
        {list.map((d) => (
          <li key={d.id}>
            <button class="name" onClick={() => pick({ what: "device", id: d.id })}><bdi>{d.name}</bdi></button>
            <span class="muted">{text.mud.asks[d.mud!.approvals[0]!.kind] ?? ""}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
