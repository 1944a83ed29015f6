import { useEffect, useRef, useState } from "preact/hooks";
import { pick } from "../actions.ts";
import { waits } from "../cuts.ts";
import { span, unix } from "../format.ts";
import { home, markIs, mayAct, me, narrow, pickedDevice } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { Confirmation, CutOff, LetIn } from "./cutstate.tsx";
import { Endpoints, Facts, Neighbours, Owners } from "./details.tsx";
import { Findings } from "./findings.tsx";
import { Habits } from "./habits.tsx";
import { Shape } from "./header.tsx";
import { Keep } from "./keep.tsx";
import { Maker } from "./maker.tsx";
import { OpenPorts } from "./ports.tsx";
import { Quarantines } from "./quarantines.tsx";
import { Record } from "./record.tsx";
import { Rename } from "./rename.tsx";
import { HeldThen } from "./rewind.tsx";
import { Same } from "./same.tsx";
import { beyondWords } from "./talks.ts";
import { Traffic } from "./traffic.tsx";
import { Twins } from "./twins.tsx";
import { Answers, WaitingNote } from "./waiting.tsx";

/** One device, closer: its state, its talk, and the switch that cuts it off. */
export function DevicePanel() {
  const device = pickedDevice.value;
  return device && <Panel key={device.mac} device={device} />;
}

function Panel({ device }: { device: Device }) {
  const panel = useRef<HTMLElement>(null);
  // On a phone the panel covers all else, so reading goes on there.
  useEffect(() => { if (narrow.value) panel.current?.focus(); }, []);
  return (
    <section ref={panel} class="card panel" aria-labelledby="panel-title" tabindex={-1}>
      <Head device={device} />
      <Findings device={device} />
      {device.contested && <p class="finding">▲ {text.device.contested}</p>}
      {beyondWords(device) && <p class="note"><span aria-hidden="true">┄ </span><bdi>{beyondWords(device)}</bdi></p>}
      <Learning device={device} />
      <WaitingNote device={device} />
      <Same device={device} />
      <OpenPorts device={device} />
      <HeldThen device={device} />
      {!waits(device) && <Confirmation device={device} />}
      <Quarantines device={device} />
      <Traffic device={device} />
      <Owners device={device} />
      <Neighbours device={device} />
      <Endpoints device={device.id} />
      <Habits device={device} />
      <Twins device={device} />
      <Maker device={device} />
      <Facts device={device} />
      {mayAct.value && <Record device={device} />}
      {mayAct.value && <Keep device={device} />}
      {mayAct.value
        ? <div class="buttons act"><Switches device={device} /></div>
        : <p class="buttons act muted">{text.account.may.viewer}</p>}
    </section>
  );
}

function Head({ device }: { device: Device }) {
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const mark = markIs(device.id);
  const kind = device.kind && (text.kind[device.kind]?.[0] ?? device.kind);
  const about = [kind, device.vendor, device.addresses[0], device.id === me.value && text.device.you];
  const close = () => {
    setEditing(false);
    requestAnimationFrame(() => button.current?.focus());
  };
  return (
    <>
      <div class="head">
        <h2 id="panel-title"><bdi>{device.name}</bdi></h2>
        <span class="tail">
          {mayAct.value && !editing && <button ref={button} class="small" aria-label={text.device.edit} onClick={() => setEditing(true)}>{text.device.editShort}</button>}
          <button class="plain" aria-label={text.close} onClick={() => pick(null)}>✕</button>
        </span>
      </div>
      {editing && <Rename device={device} close={close} />}
      <p class="about">
        <span class={`state ${mark}`}><Shape mark={mark} /> {text.mark[mark]}</span>
        <span class="muted">{about.filter(Boolean).join(" · ")}</span>
      </p>
    </>
  );
}

const FAMILIAR = 86400; // seconds after which a day's course was seen once

function Learning({ device }: { device: Device }) {
  const first = unix(device.firstSeen);
  const known = first === null ? Infinity : home.value.now - first;
  return known < FAMILIAR ? <p class="muted">{text.device.learning(span(known))}</p> : null;
}

function Switches({ device }: { device: Device }) {
  if (waits(device)) return <Answers device={device} />;
  return <><CutOff device={device} />{device.quarantine && <LetIn device={device} />}</>;
}
