import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { words } from "../actions.ts";
import { getAllFlows, getBuckets, getPast } from "../api.ts";
import { moment, span, unix } from "../format.ts";
import type { Point } from "../history.ts";
import { columns, fill, REACHES } from "../series.ts";
import { live, past, present } from "../state.ts";
import { text } from "../text.ts";
import { Chart } from "./chart.tsx";
import { Share } from "./share.tsx";

type Reach = "day" | "week";

/** Day or week, and the strip with its slider. */
export function Bar({ close }: { close: () => void }) {
  const [reach, setReach] = useState<Reach>("day");
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => { // the button that had the focus is gone
    if (document.activeElement === document.body) frame.current?.parentElement?.querySelector("input")?.focus();
  }, []);
  const go = (next: Reach) => {
    past.value = null;
    setReach(next);
  };
  return (
    <>
      <div ref={frame} class="head">
        <div class="chips" role="group" aria-label={text.trend.label}>
          {(["day", "week"] as const).map((r) => <button key={r} aria-pressed={reach === r} onClick={() => go(r)}>{text.trend.of[r]}</button>)}
        </div>
        <Share />
        <button class="small" onClick={close}>{text.rewind.now}</button>
      </div>
      <Track key={reach} reach={reach} />
    </>
  );
}

const PAUSE = 150; // ms that the hand rests before the router is asked

// The past as a strip with a slider over it: each stop is one column of the strip.
function Track({ reach: name }: { reach: Reach }) {
  const reach = REACHES[name];
  const [to] = useState(() => Math.floor(present.value.now / reach.column + 1) * reach.column);
  const [at, setAt] = useState(to);
  const [failed, setFailed] = useState("");
  const points = useStrip(to, name);
  const wait = useRef(0);
  const from = to - reach.length;
  const forget = () => {
    clearTimeout(wait.current);
    latest++;
  };
  useEffect(() => forget, []);
  useLayoutEffect(() => { // before a hand is on the slider
    if (past.value) return;
    forget();
    setAt(to);
  }, [past.value]);
  const seek = (next: number) => {
    setAt(next);
    forget();
    if (next >= to) past.value = null;
    else wait.current = setTimeout(() => look(next, reach.column).then(() => setFailed(""), (error) => setFailed(words(error))), PAUSE);
  };
  return (
    <>
      <div class="track">
        <Chart points={points} from={from} to={to} label={text.rewind.strip} />
        <input
          type="range" min={from + reach.column} max={to} step={reach.column} value={at} aria-label={text.rewind.slide} aria-valuetext={spot(at, to)}
          disabled={!live.value} onInput={(event) => seek(Number(event.currentTarget.value))}
        />
      </div>
      <p class="muted" role="status">{failed ? text.failed(failed) : [spot(at, to), remark()].filter(Boolean).join(" · ")}</p>
    </>
  );
}

function spot(at: number, to: number): string {
  if (at >= to) return text.rewind.present;
  const { now } = present.value;
  return `${moment(at, now)}, ${text.table.ago(span(now - at))}`;
}

function remark(): string {
  if (past.value?.flows.length === 0) return text.rewind.nothing;
  const unknown = (unix(past.value?.then?.since) ?? 0) > (past.value?.to ?? 0);
  return [past.value?.more && text.rewind.more, unknown && text.rewind.unknown].filter(Boolean).join(" · ");
}

let latest = 0; // an answer that was overtaken by a newer question, or by the way back, is dropped

async function look(to: number, length: number): Promise<void> {
  const mine = ++latest;
  const found = await getPast(to - length, to);
  if (mine === latest) past.value = found;
}

function useStrip(to: number, name: Reach): Point[] {
  const [points, set] = useState<Point[]>([]);
  useEffect(() => {
    const reach = REACHES[name];
    const from = to - reach.length;
    Promise.all([getBuckets(null, from, to, reach.step), getAllFlows()]).then(
      ([old, now]) => set(columns(fill(old.buckets, now.flows, from, to, reach.step, null), from, reach)), () => {},
    );
  }, []);
  return points;
}
