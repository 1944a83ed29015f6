import { useState } from "preact/hooks";
import { getBuckets, getFlows } from "../api.ts";
import { bytes, midnight, rate } from "../format.ts";
import type { Point } from "../history.ts";
import { columns, fill, REACHES, total, type Sum } from "../series.ts";
import { history, past, present } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { Chart, Recent } from "./chart.tsx";
import { useLook } from "./look.ts";

/** What a device carries: now, today, and over a time of the reader's choice. */
export function Traffic({ device }: { device: Device }) {
  const { got: today } = useLook(() => todayOf(device.mac));
  return (
    <>
      <dl class="gauges">
        <div><dt><span class="key down" />{text.table.down}</dt><dd>{rate(device.rxRate)}</dd></div>
        <div><dt><span class="key up" />{text.table.up}</dt><dd>{rate(device.txRate)}</dd></div>
        {today && <div class="today"><dt>{text.device.today}</dt><dd>↓ {bytes(today.rx)} ↑ {bytes(today.tx)}</dd></div>}
      </dl>
      <Trend device={device} />
    </>
  );
}

const HOUR = 3600;

/** What a device received and sent since midnight. Rejects with a Failure in words. */
export async function todayOf(mac: string): Promise<Sum> {
  return total(await sumsOf(mac, midnight(present.value.now), present.value.now, HOUR));
}

async function sumsOf(mac: string, from: number, to: number, step: number): Promise<Sum[]> {
  const [past, now] = await Promise.all([getBuckets(mac, from, to, step), getFlows(mac)]);
  return fill(past.buckets, now.flows, from, to, step, mac);
}

const CHOICES = ["now", "hour", "day", "week"] as const;
type Choice = (typeof CHOICES)[number];

function Trend({ device }: { device: Device }) {
  const [choice, choose] = useState<Choice>("now");
  return (
    <>
      {choice === "now" ? !past.value && <Minutes device={device} /> : <Past key={choice} device={device} reach={choice} />}
      <div class="chips reach" role="group" aria-label={text.trend.label}>
        {CHOICES.map((c) => <button key={c} aria-pressed={choice === c} onClick={() => choose(c)}>{text.trend.of[c]}</button>)}
      </div>
    </>
  );
}

const said = (points: readonly Point[]) => {
  const top = (of: "rx" | "tx") => rate(Math.max(0, ...points.map((p) => p[of])));
  return text.trend.peak(top("rx"), top("tx"));
};

function Minutes({ device }: { device: Device }) {
  const points = history.value.devices.get(device.id) ?? [];
  return <><Recent points={points} now={present.value.now} label={text.trend.chart(text.trend.of.now, said(points))} /><p class="muted peak">{said(points)}</p></>;
}

function Past({ device, reach: name }: { device: Device; reach: keyof typeof REACHES }) {
  const reach = REACHES[name];
  const { got, failed } = useLook(async () => {
    const to = Math.ceil(present.value.now / reach.column) * reach.column;
    const from = to - reach.length;
    return { points: columns(await sumsOf(device.mac, from, to, reach.step), from, reach), from, to };
  });
  if (!got) return <p class="muted quiet">{failed ? text.failed(failed) : text.busy}</p>;
  return <><Chart {...got} label={text.trend.chart(text.trend.of[name], said(got.points))} /><p class="muted peak">{said(got.points)}</p></>;
}
