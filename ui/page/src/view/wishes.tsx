import { answer, undoWish } from "../wishes.ts";
import { clean } from "../clean.ts";
import { count } from "../format.ts";
import { byMac, live, mayAct, wishes } from "../state.ts";
import { text } from "../text.ts";
import type { Wish } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Said } from "./said.tsx";
import { when } from "./when.ts";

/** Requests of providers that wait for the owner's word: who asks, what, which device, and why it is thought to be that one. */
export function AskingWishes() {
  return <>{wishes.value.filter((w) => w.state === "asking" && w.devices.length > 0).map((w) => <Asking key={w.id} wish={w} />)}</>;
}

function Asking({ wish }: { wish: Wish }) {
  const title = `wish-${wish.id}`;
  return (
    <section class="card waiting" aria-labelledby={title}>
      <h2 id={title}><span aria-hidden="true">◆ </span><bdi>{text.wishes.asks(clean(wish.provider))}</bdi></h2>
      <p><bdi>{text.wishes.what(names(wish), wish.target.map((t) => clean(t)).join(", "))}</bdi></p>
      <p class="muted"><Said say={wish.say} words={clean(wish.why, 300)} /></p>
      {mayAct.value && <Answers wish={wish} />}
    </section>
  );
}

function Answers({ wish }: { wish: Wish }) {
  const { busy, run } = useErrand();
  return (
    <div class="buttons">
      {(["legitimate", "refuse", "allow"] as const).map((d) => (
        <button key={d} class={d === "allow" ? "primary" : ""} disabled={busy || !live.value} onClick={() => run(answer(wish, d))}>{text.wishes[d]}</button>
      ))}
    </div>
  );
}

const SHOWN = 5;

/** What providers asked for lately, and what became of it. */
export function PastWishes() {
  const list = wishes.value.filter((w) => w.state !== "asking").slice(-SHOWN).reverse();
  if (list.length === 0) return null;
  return (
    <section class="card" aria-labelledby="wishes-title">
      <h2 id="wishes-title">{text.wishes.title}</h2>
      <ul class="holds">{list.map((w) => <Past key={w.id} wish={w} />)}</ul>
    </section>
  );
}

function Past({ wish }: { wish: Wish }) {
  const undoable = wish.state === "active" || wish.legitimate;
  return (
    <li>
      <p class="what">
        <span><strong>{text.wishes.state[wish.state]}</strong> <bdi>{text.wishes.what(names(wish), wish.target.map((t) => clean(t)).join(", "))}</bdi></span>
        {undoable && mayAct.value && <button class="letin small" disabled={!live.value} onClick={() => undoWish(wish)}>{text.toast.undo}</button>}
      </p>
      <p class="muted"><bdi>{text.wishes.by(clean(wish.provider), when(wish.received))}</bdi></p>
      {wish.droppedPackets > 0 && <p>{text.wishes.dropped(count(wish.droppedPackets))}</p>}
    </li>
  );
}

const names = (wish: Wish): string => wish.devices.map((mac) => byMac(mac)?.name ?? mac).join(text.wishes.or);
