import { useEffect, useRef } from "preact/hooks";
import { pick } from "../actions.ts";
import { rate } from "../format.ts";
import { history, home, markIs, me, narrow, pickedDevice } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { Chart } from "./chart.tsx";
import { Confirmation, CutOff, LetIn, Proof } from "./cutstate.tsx";
import { until } from "./cutblock.tsx";
import { Endpoints, Facts, Neighbours, Owners } from "./details.tsx";
import { Shape } from "./header.tsx";

/** One device, closer: its state, its talk, and the switch that cuts it off. */
export function DevicePanel() {
  const device = pickedDevice.value;
  const panel = useRef<HTMLElement>(null);
  // On a phone the panel covers all else, so reading goes on there.
  useEffect(() => { if (narrow.value) panel.current?.focus(); }, [device?.id]);
  if (!device) return null;
  return (
    <section ref={panel} class="card panel" aria-labelledby="panel-title" tabindex={-1}>
      <Head device={device} />
      {device.findings.filter((f) => f.state === "open").map((f) => <p key={f.id} class="finding">▲ {f.text}</p>)}
      <Held device={device} />
      <Traffic device={device} />
      <Owners device={device.id} />
      <Neighbours device={device} />
      <Endpoints device={device.id} />
      <Facts device={device} />
      <div class="buttons act">{device.quarantine ? <LetIn device={device} /> : <CutOff device={device} />}</div>
    </section>
  );
}

function Head({ device }: { device: Device }) {
  const mark = markIs(device.id);
  const kind = device.kind && (text.kind[device.kind]?.[0] ?? device.kind);
  const about = [kind, device.vendor, device.addresses[0], device.id === me.value && text.device.you];
  return (
    <>
      <div class="head">
        <h2 id="panel-title"><bdi>{device.name}</bdi></h2>
        <button class="plain" aria-label={text.device.close} onClick={() => pick(null)}>✕</button>
      </div>
      <p class="about">
        <span class={`state ${mark}`}><Shape mark={mark} /> {text.mark[mark]}</span>
        <span class="muted">{about.filter(Boolean).join(" · ")}</span>
      </p>
    </>
  );
}

function Held({ device }: { device: Device }) {
  const q = device.quarantine;
  return (
    <>
      <Confirmation device={device} />
      {q && (
        <p class="held">
          {text.device.since(text.device.by[q.source] ?? q.source, until(device))}
          <br />
          <Proof device={device} />
        </p>
      )}
    </>
  );
}

function Traffic({ device }: { device: Device }) {
  const points = history.value.devices.get(device.id) ?? [];
  const down = rate(device.rxRate);
  const up = rate(device.txRate);
  return (
    <>
      <dl class="gauges">
        <div><dt><span class="key down" />{text.overview.down}</dt><dd>{down}</dd></div>
        <div><dt><span class="key up" />{text.overview.up}</dt><dd>{up}</dd></div>
      </dl>
      <Chart points={points} now={home.value.now} label={text.device.recent(`${text.overview.down} ${down}, ${text.overview.up} ${up}`)} />
    </>
  );
}
