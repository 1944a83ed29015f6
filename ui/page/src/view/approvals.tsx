import { live, mayAct, pickedId, shown } from "../state.ts";
import { text } from "../text.ts";
import type { Approval, Violation } from "../wire.ts";
import { Jump } from "./jump.tsx";
import { Said } from "./said.tsx";

const SHOWN = 12;

type Told = Pick<Violation, "text" | "say">;

/** Sentences of the router under a heading, each perhaps with a note; long lists end. Nothing for none. */
export function Lines({ title, lines, notes }: { title: string; lines: readonly (string | Told)[]; notes?: ReadonlyMap<string, string> }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="sentences">
        {lines.slice(0, SHOWN).map((line) => (typeof line === "string" ? { text: line } : line)).map(({ text: words, say }, i) => (
          <li key={i}><Said say={say} words={words} />{notes?.get(words) && <small class="muted"> {notes.get(words)}</small>}</li>
        ))}
      </ul>
      {lines.length > SHOWN && <p class="muted">{text.more(lines.length - SHOWN)}</p>}
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
  const list = shown.value.filter((d) => (d.mud?.approvals.length ?? 0) > 0 && d.id !== pickedId("device"));
  if (list.length === 0 || !mayAct.value) return null;
  return (
    <section class="card waiting" aria-labelledby="mud-title">
      <h2 id="mud-title"><span aria-hidden="true">◆ </span>{text.mud.card}</h2>
      <ul class="rows">
        {list.map((d) => (
          <li key={d.id}>
            <Jump id={d.id}><bdi>{d.name}</bdi></Jump>
            <span class="muted">{text.mud.asks[d.mud!.approvals[0]!.kind] ?? ""}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
