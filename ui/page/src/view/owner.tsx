import { pick } from "../actions.ts";
import type { Pair } from "../reduce.ts";
import { OTHERS } from "../seats.ts";
import { home, markIs, picked } from "../state.ts";
import { text } from "../text.ts";
import { Bar } from "./chart.tsx";
import { Shape } from "./header.tsx";
import { Jump } from "./jump.tsx";
import { ownerName, pairsWith } from "./talks.ts";
import { flowing } from "./when.ts";

/** One owner on the internet, or all without a place of their own: who talks to it. */
export function OwnerPanel() {
  const id = picked.value!.id;
  const owner = home.value.owners.get(id);
  const pairs = pairsWith(id);
  const devices = new Set(pairs.map((p) => p.device)).size;
  return (
    <section class="card panel" aria-labelledby="panel-title">
      <div class="head">
        <h2 id="panel-title"><bdi>{ownerName(id)}</bdi></h2>
        <button class="plain" aria-label={text.close} onClick={() => pick(null)}>✕</button>
      </div>
      <p class="muted">
        {[text.device.owner(devices), owner && (text.device.source[owner.source] ?? "")].filter(Boolean).join(" · ")}
      </p>
      <Talkers pairs={pairs} others={id === OTHERS} />
    </section>
  );
}

const ROWS = 30;

function Talkers({ pairs, others }: { pairs: Pair[]; others: boolean }) {
  const most = Math.max(1, ...pairs.map((p) => p.tx + p.rx));
  return (
    <ul class="rows">
      {pairs.slice(0, ROWS).map((p) => (
        <li key={`${p.device}.${p.owner}`}>
          <Jump id={p.device}>
            <Shape mark={markIs(p.device)} /> <bdi>{home.value.devices.get(p.device)?.name ?? "?"}</bdi>
            {others && <small class="muted"> · <bdi>{home.value.owners.get(p.owner)?.name}</bdi></small>}
          </Jump>
          <span class="number">{flowing(p)}</span>
          <Bar rx={p.rx} tx={p.tx} of={most} />
        </li>
      ))}
    </ul>
  );
}
