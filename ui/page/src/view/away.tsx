import { absence, missed, type Absence } from "../away.ts";
import { moment, span } from "../format.ts";
import { group } from "../group.ts";
import { present } from "../state.ts";
import { text } from "../text.ts";
import { Entry } from "./events.tsx";

const SHOWN = 6;

/** What happened while nobody looked, until it was read. Where nothing did, nothing is said. */
export function Away() {
  const events = absence.value ? missed(present.value.events, absence.value) : [];
  return absence.value && events.length > 0 ? <Card of={absence.value} lines={group(events, "all")} /> : null;
}

function Card({ of: { from, to }, lines }: { of: Absence; lines: ReturnType<typeof group> }) {
  const counted = (["unusual", "new", "actions"] as const).map((f) => [f, lines.filter((l) => group([l.event], f).length > 0).length] as const);
  return (
    <section class="card events away" aria-labelledby="away-title">
      <h2 id="away-title">{text.away.title}</h2>
      <p class="muted">{text.finding.since(moment(from, to))}, {span(to - from)} · {counted.filter(([, n]) => n > 0).map(([f, n]) => text.counters[f](n)).join(", ")}</p>
      <ol>{lines.slice(0, SHOWN).map((line) => <Entry key={line.event.id} line={line} />)}</ol>
      <p class="buttons">
        {lines.length > SHOWN && <span class="muted">{text.more(lines.length - SHOWN)}</span>}
        <button onClick={() => (absence.value = null)}>{text.away.seen}</button>
      </p>
    </section>
  );
}
