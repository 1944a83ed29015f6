import { rate } from "../format.ts";
import { home, narrow, pickedId, query, sides } from "../state.ts";
import { text } from "../text.ts";
import { Jump } from "./jump.tsx";
import { ownerName, pairsWith } from "./talks.ts";

/** The other half of the map's twin: the parties on the internet, in the map's order, with the same sums. */
export function OwnerTable() {
  const sought = query.value.trim().toLowerCase();
  const rows = sides.value.filter((id) => ownerName(id).toLowerCase().includes(sought));
  if (rows.length === 0) return null;
  const wide = !narrow.value;
  return (
    <details>
      <summary>{text.table.owners}</summary>
      <table aria-label={text.table.owners}>
        <thead>
          <tr>
            <th scope="col">{text.table.owner}</th>
            {wide && <th scope="col">{text.table.known}</th>}
            <th scope="col" class="number">{text.table.devices}</th>
            <th scope="col" class="number">{text.table.down}</th>
            <th scope="col" class="number">{text.table.up}</th>
          </tr>
        </thead>
        <tbody>{rows.map((id) => <Row key={id} id={id} wide={wide} />)}</tbody>
      </table>
    </details>
  );
}

function Row({ id, wide }: { id: number; wide: boolean }) {
  const pairs = pairsWith(id);
  const chosen = pickedId("owner") === id;
  return (
    <tr class={chosen ? "chosen" : undefined}>
      <th scope="row"><Jump what="owner" id={id} pressed={chosen}><bdi>{ownerName(id)}</bdi></Jump></th>
      {wide && <td class="muted">{text.device.source[home.value.owners.get(id)?.source ?? ""] ?? ""}</td>}
      <td class="number">{new Set(pairs.map((p) => p.device)).size}</td>
      <td class="number">{rate(pairs.reduce((sum, p) => sum + p.rx, 0))}</td>
      <td class="number">{rate(pairs.reduce((sum, p) => sum + p.tx, 0))}</td>
    </tr>
  );
}
