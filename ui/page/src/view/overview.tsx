import { moment, rate, span } from "../format.ts";
import { KEPT } from "../history.ts";
import { history, home, narrow, past, shown } from "../state.ts";
import { text } from "../text.ts";
import { Recent } from "./chart.tsx";
import { Jump } from "./jump.tsx";

/** What the whole home does, or did, while nothing is picked. */
export function Overview() {
  return past.value ? <Then at={past.value.to} /> : <Now />;
}

function Now() {
  const { total } = history.value;
  const last = total[total.length - 1];
  const online = shown.value.filter((d) => d.online).length;
  const down = rate(last?.rx ?? 0);
  const up = rate(last?.tx ?? 0);
  const seconds = Math.min(KEPT, home.value.now - (total[0]?.at ?? home.value.now));
  return (
    <section class="card overview" aria-labelledby="overview-title">
      <h2 id="overview-title">{text.overview.title}</h2>
      <p class="muted">{text.counters.online(online, shown.value.length)}. {text.overview.pick}</p>
      {!narrow.value && <Recent points={total} now={home.value.now} label={text.overview.chart(down, up)} />}
      {!narrow.value && <p class="span muted">{text.overview.span(span(Math.max(seconds, 1)))}</p>}
      <Gauges down={down} up={up} />
      {!narrow.value && <Busiest title={text.overview.busiest} />}
    </section>
  );
}

function Then({ at }: { at: number }) {
  const sum = (of: "rxRate" | "txRate") => rate(shown.value.reduce((all, d) => all + d[of], 0));
  return (
    <section class="card overview" aria-labelledby="overview-title">
      <h2 id="overview-title">{text.rewind.title(moment(at, home.value.now))}</h2>
      <Gauges down={sum("rxRate")} up={sum("txRate")} />
      <Busiest title={text.rewind.busiest} />
    </section>
  );
}

function Gauges({ down, up }: { down: string; up: string }) {
  return (
    <dl class="gauges">
      <div><dt><span class="key down" />{text.table.down}</dt><dd>{down}</dd></div>
      <div><dt><span class="key up" />{text.table.up}</dt><dd>{up}</dd></div>
    </dl>
  );
}

const NAMED = 3;

function Busiest({ title }: { title: string }) {
  const busy = shown.value.filter((d) => d.rxRate + d.txRate > 0).sort((a, b) => b.rxRate + b.txRate - a.rxRate - a.txRate);
  if (busy.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="rows">
        {busy.slice(0, NAMED).map((d) => (
          <li key={d.id}>
            <Jump id={d.id}><bdi>{d.name}</bdi></Jump>
            <span class="number">{rate(d.rxRate + d.txRate)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
