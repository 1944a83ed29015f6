import { clean } from "../clean.ts";
import { count } from "../format.ts";
import { text } from "../text.ts";
import type { Status } from "../wire.ts";
import { Fold } from "./fold.tsx";

/** Everything that the router's program keeps has an end: how near it is, and what had to go. */
export function Stores({ stores }: { stores: Status["stores"] }) {
  const words = text.badge.store;
  return (
    <Fold title={text.badge.stores}>{() => (
      <table class="stores" aria-label={text.badge.stores}>
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            {[words.used, words.limit, words.evicted].map((w) => <th key={w} scope="col" class="number">{w}</th>)}
          </tr>
        </thead>
        <tbody>
          {stores.map((s) => (
            <tr key={s.name} class={s.used >= s.limit ? "full" : undefined}>
              <th scope="row" lang="en">{clean(s.name)}</th>
              {[s.used, s.limit, s.evicted].map((n, i) => <td key={i} class="number">{count(n)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    )}</Fold>
  );
}

/** What had to go to make room is gone from what the page can show. */
export function Evicted({ stores }: { stores: Status["stores"] }) {
  const full = stores.filter((s) => s.evicted > 0);
  if (full.length === 0) return null;
  const [before, after] = text.badge.evicted("\n").split("\n");
  return <p class="muted">{before}<span lang="en">{full.map((s) => `${clean(s.name)} (${count(s.evicted)})`).join(", ")}</span>{after}</p>;
}
