import { useRef } from "preact/hooks";
import { clean } from "../clean.ts";
import { count } from "../format.ts";
import { status } from "../state.ts";
import { text } from "../text.ts";
import type { Status } from "../wire.ts";

/** What the page cannot see or what went wrong, said aloud; nothing where all is well. */
export function Badge() {
  const dialog = useRef<HTMLDialogElement>(null);
  const spots = status.value ? blindSpots(status.value) : [];
  if (spots.length === 0) return null;
  return (
    <>
      <button class="badge" onClick={() => dialog.current?.showModal()}>
        <span aria-hidden="true">◐</span> {text.badge.button(spots.length)}
      </button>
      <dialog ref={dialog} class="sheet" aria-labelledby="badge-title">
        <h2 id="badge-title">{text.badge.title}</h2>
        <ul class="spots">{spots.map((spot) => <li key={spot}>{spot}</li>)}</ul>
        <form method="dialog" class="buttons"><button>{text.badge.close}</button></form>
      </dialog>
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
