import { useState } from "preact/hooks";
import { allow, takeBack, takeBackMud } from "../actions.ts";
import { waits } from "../cuts.ts";
import { group, type Filter, type Line } from "../group.ts";
import { byMac, home, live, mayAct, narrow, pending, present } from "../state.ts";
import { text } from "../text.ts";
import type { HomeEvent } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Shape } from "./header.tsx";
import { Jump } from "./jump.tsx";
import { Said } from "./said.tsx";
import { when } from "./when.ts";

const FILTERS: Filter[] = ["all", "unusual", "new", "actions"];
const FIRST = 12;
const FIRST_ON_PHONE = 3;

/** What happened, newest first, each with its way to the device and back. */
export function Events() {
  const [filter, setFilter] = useState<Filter>("all");
  const [more, setMore] = useState(0);
  const lines = group(home.value.events, filter);
  const room = (narrow.value ? FIRST_ON_PHONE : FIRST) + more;
  return (
    <section class="card events" aria-labelledby="events-title">
      <div class="head">
        <h2 id="events-title">{text.events.title}</h2>
        <div class="chips" role="group" aria-label={text.events.filter}>
          {FILTERS.map((f) => (
            <button key={f} aria-pressed={filter === f} onClick={() => setFilter(f)}>{text.events[f]}</button>
          ))}
        </div>
      </div>
      {lines.length === 0 && <p class="muted">{text.events.none}</p>}
      <ol>{lines.slice(0, room).map((line) => <Entry key={line.event.id} line={line} />)}</ol>
      {lines.length > room && <button class="more" onClick={() => setMore(more + 20)}>{text.events.more}</button>}
    </section>
  );
}

const shapeOf = (e: HomeEvent) =>
  e.kind === "quarantine" ? "cut" : e.severity !== "note" ? "unusual" : e.kind === "device" ? "new" : "normal";

/** One event, or several of the same. */
export function Entry({ line: { event, times } }: { line: Line }) {
  const device = byMac(event.device);
  const shape = shapeOf(event);
  return (
    <li class={shape}>
      <Shape mark={shape} />
      <div>
        <p>
          {device
            ? <Jump id={device.id} title={text.events.open(device.name)}><Sentence event={event} /></Jump>
            : <Sentence event={event} />}
          {times > 1 && <span class="muted"> ×{times}</span>}
        </p>
        <Undo event={event} />
      </div>
      <time class="muted">{when(event.time)}</time>
    </li>
  );
}

function Sentence({ event }: { event: HomeEvent }) {
  return (
    <>
      {event.severity !== "note" && <strong>{text.events.severity[event.severity]}: </strong>}
      <Said say={event.say} words={event.text} />
    </>
  );
}

// Only an undo that would change something now is offered: an old cut-off that has ended has nothing to take back, nor a
// description that another has replaced.
function Undo({ event }: { event: HomeEvent }) {
  const device = byMac(event.device);
  if (!event.undo || !device || !mayAct.value) return null;
  if (event.kind === "mud") return device.mud && isLatest(event) ? <UndoMud event={event} /> : null;
  if (!device.quarantine) return null;
  const busy = pending.value.has(device.mac);
  const held = waits(device);
  const go = () => (held ? allow(device) : takeBack(event));
  return <button class="letin small" disabled={!live.value || busy} onClick={go}>{held ? text.waiting.allow : text.held.letIn}</button>;
}

const isLatest = (event: HomeEvent) => present.value.events.find((e) => e.kind === "mud" && e.device === event.device && e.undo)?.id === event.id;

function UndoMud({ event }: { event: HomeEvent }) {
  const { busy, run } = useErrand();
  return <button class="letin small" disabled={!live.value || busy} onClick={() => run(takeBackMud(event))}>{text.toast.undo}</button>;
}
