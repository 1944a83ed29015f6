import { useState } from "preact/hooks";
import { clean } from "../clean.ts";
import { count } from "../format.ts";
import { spoken } from "../say.ts";
import { narrow, status } from "../state.ts";
import { text } from "../text.ts";
import type { Status } from "../wire.ts";
import { Said } from "./said.tsx";
import { Sheet } from "./sheet.tsx";
import { Stores } from "./stores.tsx";

/** What the page cannot see or what went wrong, said aloud; where all is well a quiet way to see how well. */
export function Badge() {
  const [open, setOpen] = useState(false);
  if (!status.value) return null;
  return (
    <>
      <Opener spots={missing(status.value)} open={() => setOpen(true)} />
      {open && <Seen status={status.value} close={() => setOpen(false)} />}
    </>
  );
}

function Seen({ status: s, close }: { status: Status; close: () => void }) {
  const spots = spotsOf(s);
  return (
    <Sheet name="badge" title={text.badge.title} close={close}>
      {missing(s) === 0 && <p>{text.badge.clear}</p>}
      <ul class="spots">
        {s.blindSpots.map((spot, i) => <li key={spot}><Said say={s.says?.[i]} words={clean(spot, 300)} /></li>)}
        {spots.map((spot) => <li key={spot}>{spot}</li>)}
      </ul>
      <Levels status={s} />
      <Providers status={s} />
      <Stores stores={s.stores} />
      <Evicted stores={s.stores} />
    </Sheet>
  );
}

// A phone has room for the number only.
function Opener({ spots, open }: { spots: number; open: () => void }) {
  if (spots === 0) return <button class="badge quiet" onClick={open}>{text.badge.quiet}</button>;
  const words = text.badge.button(spots);
  return <button class="badge" aria-label={words} onClick={open}><span aria-hidden="true">◐</span> {narrow.value ? spots : words}</button>;
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

function Providers({ status: { providers = [] } }: { status: Status }) {
  if (providers.length === 0) return null;
  return (
    <>
      <h3>{text.wishes.providers}</h3>
      <ul class="rows">
        {providers.map((p) => (
          <li key={p.name}>
            <span><bdi>{clean(p.name)}</bdi></span>
            <span class="number">{text.wishes.session[p.state] ?? clean(p.state)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

// What had to go to make room is gone from what the page can show.
function Evicted({ stores }: { stores: Status["stores"] }) {
  const full = stores.filter((s) => s.evicted > 0);
  if (full.length === 0) return null;
  const [before, after] = text.badge.evicted("\n").split("\n");
  return <p class="muted">{before}<span lang="en">{full.map((s) => `${clean(s.name)} (${count(s.evicted)})`).join(", ")}</span>{after}</p>;
}

const missing = (s: Status) => s.blindSpots.length + spotsOf(s).length;

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
