import { useRef } from "preact/hooks";
import { clean } from "../clean.ts";
import { count } from "../format.ts";
import { status } from "../state.ts";
import { text } from "../text.ts";
import type { Status } from "../wire.ts";
import { Stores } from "./stores.tsx";

/** What the page cannot see or what went wrong, said aloud; where all is well a quiet way to see how well. */
export function Badge() {
  const dialog = useRef<HTMLDialogElement>(null);
  if (!status.value) return null;
  const spots = blindSpots(status.value);
  return (
    <>
      <button class={spots.length ? "badge" : "badge quiet"} onClick={() => dialog.current?.showModal()}>
        {spots.length ? <><span aria-hidden="true">◐</span> {text.badge.button(spots.length)}</> : text.badge.quiet}
      </button>
      <dialog ref={dialog} class="sheet" aria-labelledby="badge-title">
        <h2 id="badge-title" tabIndex={-1} autofocus>{text.badge.title}</h2>
        {spots.length === 0 && <p>{text.badge.clear}</p>}
        <ul class="spots">{spots.map((spot) => <li key={spot}>{spot}</li>)}</ul>
        <p class="muted">{text.badge.watched(status.value.losses.length)}</p>
        <Levels status={status.value} />
        <Stores stores={status.value.stores} />
        <form method="dialog" class="buttons"><button>{text.badge.close}</button></form>
      </dialog>
    </>
  );
}

// Why a level is missing stands among the blind spots.
function Levels({ status: s }: { status: Status }) {
  return (
    <>
      <h3>{text.badge.looks(s.level)}</h3>
      <ul class="rows">
        {s.levels.map(({ level, ok }) => (
          <li key={level}>
            <span>{level}: {text.badge.levels[level] ?? ""}</span>
            <span class="number">{text.badge.able[ok ? 1 : 0]}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function blindSpots(s: Status): string[] {
  const spots = s.blindSpots.map((spot) => clean(spot, 300));
  const whys = new Map<string, number[]>(); // levels often miss for one reason
  for (const { level, ok, why } of s.levels) if (!ok && why) whys.set(why, [...(whys.get(why) ?? []), level]);
  for (const [why, levels] of whys) spots.push(text.badge.level(levels.join(", "), clean(why, 300)));
  for (const loss of s.losses) if (loss.lost > 0) spots.push(text.badge.lost(count(loss.lost), clean(loss.where)));
  if (s.firewall.state === "failed") spots.push(text.badge.firewall(clean(s.firewall.error, 300)));
  if (!s.clockSet) spots.push(text.badge.clock);
  return spots;
}
