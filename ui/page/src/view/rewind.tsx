import { useEffect, useRef, useState } from "../draw.ts";
import { getAllFlows, getBuckets, getPast } from "../api.ts";
import { moment, span, unix } from "../format.ts";
import type { Point } from "../history.ts";
import { columns, fill, REACHES } from "../series.ts";
import { live, lookingBack, past, present } from "../state.ts";
import { text, whose } from "../text.ts";
import type { Device } from "../wire.ts";
import { Chart } from "./chart.tsx";
import { Share } from "./share.tsx";
import { when } from "./when.ts";

/** The way into the past: the same picture as it was, moment by moment. Shut, it asks the router for nothing. */
export function Rewind() {
  const open = lookingBack.value;
  const close = () => {
    past.value = null;
    lookingBack.value = false;
  };
  if (!open) {
    return (
      <p class="rewind">
        <button disabled={!live.value} onClick={() => void (lookingBack.value = true)}><span aria-hidden="true">◄ </span>{text.rewind.open}</button>
        <Share />
      </p>
    );
  }
  return <section class="rewind open" aria-label={text.rewind.open}><Bar close={close} /></section>;
}

type Reach = "day" | "week";

function Bar({ close }: { close: () => void }) {
  const [reach, setReach] = useState<Reach>("day");
  const go = (next: Reach) => {
    past.value = null;
    setReach(next);
  };
  return (
    <>
      <div class="head">
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
  const [failed, setFailed] = useState(false);
  const points = useStrip(to, name);
  const wait = useRef(0);
  const from = to - reach.length;
  const forget = () => {
    clearTimeout(wait.current);
    latest++;
  };
  useEffect(() => forget, []);
  useEffect(() => {
    if (past.value) return;
    forget();
    setAt(to);
  }, [past.value]);
  const seek = (next: number) => {
    setAt(next);
    forget();
    if (next >= to) return void (past.value = null);
    wait.current = setTimeout(() => void look(next, reach.column).then(() => setFailed(false), () => setFailed(true)), PAUSE);
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
      <p class="muted" role="status">{failed ? text.trend.failed : [spot(at, to), remark()].filter(Boolean).join(" · ")}</p>
    </>
  );
}

function spot(at: number, to: number): string {
  if (at >= to) return text.rewind.present;
  const { now } = present.value;
  return text.rewind.at(moment(at, now), text.table.ago(span(now - at)));
}

function remark(): string {
  if (past.value?.flows.length === 0) return text.rewind.nothing;
  const unknown = (unix(past.value?.then?.since) ?? 0) > (past.value?.to ?? 0);
  return [past.value?.more && text.rewind.more, unknown && text.rewind.unknown].filter(Boolean).join(" · ");
}

/** In the panel of a device, of a moment of the past: what held it then. */
export function HeldThen({ device }: { device: Device }) {
  const held = past.value?.then?.quarantines.filter((q) => q.device === device.mac) ?? [];
  return <>{held.map((q, i) => <p key={i} class="note">◄ {text.rewind.held(text.level[q.level], whose({ ...q, provider: null }), when(q.since))}</p>)}</>;
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
    void Promise.all([getBuckets(null, from, to, reach.step), getAllFlows()]).then(
      ([old, now]) => set(columns(fill(old.buckets, now.flows, from, to, reach.step, null), from, reach)), () => {},
    );
  }, []);
  return points;
}
