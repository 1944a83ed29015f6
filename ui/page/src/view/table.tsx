import { useState } from "preact/hooks";
import { complain } from "../actions.ts";
import { edit } from "../api.ts";
import { rate, span, unix } from "../format.ts";
import { hiddenOnes, home, live, markIs, matches, mayAct, narrow, pickedId, query, shown } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { Shape } from "./header.tsx";
import { Jump } from "./jump.tsx";
import { OwnerTable } from "./ownertable.tsx";
import { beyondWords, ownersNow } from "./talks.ts";

type Column = "device" | "state" | "rate" | "down" | "up" | "seen";

const keys: Record<Column, (d: Device) => string | number> = {
  device: (d) => d.name.toLowerCase(),
  state: (d) => ["held", "cut", "part", "unusual", "new", "normal", "offline"].indexOf(markIs(d.id)),
  rate: (d) => -d.rxRate - d.txRate,
  down: (d) => -d.rxRate,
  up: (d) => -d.txRate,
  seen: (d) => -(unix(d.lastSeen) ?? 0),
};

/** The map's twin: the same devices in the same order, as text. It sorts when asked, once: rows never jump by themselves. */
export function Table() {
  const [sorted, setSorted] = useState<{ by: Column; ids: number[] } | null>(null);
  const rows = arrange(sorted?.ids).filter((d) => matches(d, query.value));
  const sort = (by: Column) => setSorted({ by, ids: sortedIds(by) });
  return (
    <section class="card table">
      <table id="devices" tabindex={-1}>
        <caption>{text.table.caption}</caption>
        <thead>
          <tr>
            <Heads columns={narrow.value ? ["device", "state", "rate"] : ["device", "state", "down", "up"]} by={sorted?.by} sort={sort} />
            {!narrow.value && <th scope="col">{text.table.talks}</th>}
            {!narrow.value && <Heads columns={["seen"]} by={sorted?.by} sort={sort} />}
          </tr>
        </thead>
        <tbody>{rows.map((d) => <Row key={d.id} device={d} />)}</tbody>
      </table>
      {rows.length === 0 && <p class="muted">{text.search.none(query.value)}</p>}
      <Hidden />
      <OwnerTable />
    </section>
  );
}

// Hidden devices can be found again here, and nowhere else.
function Hidden() {
  const list = hiddenOnes.value;
  if (list.length === 0) return null;
  return (
    <details>
      <summary>{text.table.hidden(list.length)}</summary>
      <ul class="rows">
        {list.map((d) => (
          <li key={d.id}>
            <Jump id={d.id}><bdi>{d.name}</bdi></Jump>
            {mayAct.value && <button class="small" disabled={!live.value} aria-label={`${text.table.show}: ${d.name}`} onClick={() => unhide(d)}>{text.table.show}</button>}
          </li>
        ))}
      </ul>
    </details>
  );
}

const unhide = (d: Device) => edit(d.mac, { ignored: false }).catch(complain);

function Heads({ columns, by, sort }: { columns: Column[]; by: Column | undefined; sort: (by: Column) => void }) {
  return (
    <>
      {columns.map((c) => (
        <th key={c} scope="col" class={c} aria-sort={by !== c ? "none" : c === "device" || c === "state" ? "ascending" : "descending"}>
          <button aria-label={`${text.table.sort}: ${text.table[c]}`} onClick={() => sort(c)}>{text.table[c]}{by === c && <span aria-hidden="true"> ↓</span>}</button>
        </th>
      ))}
    </>
  );
}

function Row({ device }: { device: Device }) {
  const mark = markIs(device.id);
  const beyond = beyondWords(device);
  const seen = unix(device.lastSeen);
  const ago = seen === null ? "–" : home.value.now - seen < 60 ? text.table.now : text.table.ago(span(home.value.now - seen));
  const chosen = pickedId("device") === device.id;
  return (
    <tr class={`${mark}${chosen ? " chosen" : ""}`}>
      <th scope="row">
        <Jump id={device.id} pressed={chosen}><bdi>{device.name}</bdi></Jump>
      </th>
      <td><span class={`state ${mark}`}><Shape mark={mark} /> {text.mark[mark]}</span>{beyond && <small class="beyond">┄ <bdi>{beyond}</bdi></small>}</td>
      <td class="number">{narrow.value ? rate(device.rxRate + device.txRate) : rate(device.rxRate)}</td>
      {!narrow.value && <td class="number">{rate(device.txRate)}</td>}
      {!narrow.value && <td class="talks"><bdi>{talks(device.id)}</bdi></td>}
      {!narrow.value && <td class="muted">{ago}</td>}
    </tr>
  );
}

function talks(device: number): string {
  const names = ownersNow(device);
  if (names.length === 0) return text.table.nobody;
  return names.length <= 2 ? names.join(", ") : `${names[0]} ${text.more(names.length - 1)}`;
}

// Sorted rows keep their places; what came since stands at the end.
function arrange(ids: number[] | undefined): Device[] {
  if (!ids) return shown.value;
  const place = new Map(ids.map((id, i) => [id, i]));
  return [...shown.value].sort((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity) || 0);
}

function sortedIds(by: Column): number[] {
  const key = keys[by];
  const compare = (a: Device, b: Device) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
  return [...shown.value].sort(compare).map((d) => d.id);
}
