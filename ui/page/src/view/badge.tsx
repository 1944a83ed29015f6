import { useState } from "preact/hooks";
import { clean } from "../clean.ts";
import { count } from "../format.ts";
import { spoken } from "../say.ts";
import { narrow, status } from "../state.ts";
import { text } from "../text.ts";
import type { Status } from "../wire.ts";
import { Said } from "./said.tsx";
import { Sheet } from "./sheet.tsx";
import { Evicted, Stores } from "./stores.tsx";

/** What the page cannot see or what went wrong, said aloud; where all is well a quiet way to see how well. */
export function Badge() {
  const [open, setOpen] = useState(false);
  const s = status.value;
  if (!s) return null;
  const spots = spotsOf(s);
  const missing = s.blindSpots.length + spots.length;
  const words = missing > 0 ? text.badge.button(missing) : text.badge.quiet;
  return (
    <>
      <button class={missing > 0 ? "badge" : "badge quiet"} aria-label={words} onClick={() => setOpen(true)}>
        {missing > 0 && "◐ "}{narrow.value && missing > 0 ? missing : words}
      </button>
      {open && (
        <Sheet name="seen" title={text.badge.title} close={() => setOpen(false)}>
          {missing === 0 && <p>{text.badge.clear}</p>}
          <ul class="spots">
            {s.blindSpots.map((spot, i) => <li key={spot}><Said say={s.says?.[i]} words={clean(spot, 300)} /></li>)}
            {spots.map((spot) => <li key={spot}>{spot}</li>)}
          </ul>
          <Levels status={s} />
          <Stores stores={s.stores} />
          <Evicted stores={s.stores} />
        </Sheet>
      )}
    </>
  );
}

// How closely it looks, and which providers may ask. Why a level is missing stands among the blind spots.
function Levels({ status: s }: { status: Status }) {
  return (
    <>
      <h3>{text.badge.looks(s.level)}</h3>
      <ul class="rows">
        {s.levels.map(({ level, ok }) => (
          <li key={level}>
            <span>{level}: {text.badge.levels[level]}</span>
            <span class="number">{text.badge.able[ok ? 1 : 0]}</span>
          </li>
        ))}
      </ul>
      {s.providers.length > 0 && <h3>{text.wishes.providers}</h3>}
      <ul class="rows">
        {s.providers.map((p) => (
          <li key={p.name}>
            <bdi>{clean(p.name)}</bdi>
            <span class="number">{text.wishes.session[p.state] ?? clean(p.state)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

// What the page itself makes of the router's numbers.
function spotsOf(s: Status): string[] {
  const spots: string[] = [];
  const whys = new Map<string, number[]>(); // levels often miss for one reason
  for (const { level, ok, why: english, say } of s.levels) {
    const why = !ok && (spoken(say) || clean(english, 300));
    if (why) whys.set(why, [...(whys.get(why) ?? []), level]);
  }
  for (const [why, levels] of whys) spots.push(text.badge.level(levels.join(", "), why));
  for (const loss of s.losses) if (loss.lost > 0) spots.push(text.badge.lost(count(loss.lost), clean(loss.where)));
  if (s.firewall.state === "failed") spots.push(text.badge.firewall(clean(s.firewall.error, 300)));
  if (!s.clockSet) spots.push(text.badge.clock);
  return spots;
}
