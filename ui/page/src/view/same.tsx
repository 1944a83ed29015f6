import { useState } from "preact/hooks";
import { say } from "../actions.ts";
import { Failure, inherit } from "../api.ts";
import { live, mayAct } from "../state.ts";
import { deny, formersOf } from "../same.ts";
import { text } from "../text.ts";
import type { Device, Former } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Failed } from "./failed.tsx";
import { Said } from "./said.tsx";

/** Asks whether a device is one that is gone: phones make up a new MAC now and then. */
export function Same({ device }: { device: Device }) {
  return mayAct.value ? <>{formersOf(device).map((m) => <Question key={m.mac} device={device} former={m} />)}</> : null;
}

function Question({ device, former }: { device: Device; former: Former }) {
  const { busy, failed, run } = useErrand();
  const [mine, setMine] = useState<true>(); // wants a second word: what holds the old one would shut this page out
  const go = async () => {
    const asked = inherit(device.mac, former.mac, mine).catch((error) => {
      if (error instanceof Failure && error.code === "own-device") setMine(true);
      throw error;
    });
    if (await run(asked)) say(text.same.done(former.name));
  };
  return (
    <section class="note" aria-label={text.same.asks(former.name)}>
      <p><strong><bdi>{text.same.asks(former.name)}</bdi></strong> <Said say={former.say} words={former.why} /></p>
      <p class="muted">{text.same.about}</p>
      <p class="assign">
        <button class="small" disabled={busy || !live.value} onClick={go}>{text.same.yes}</button>
        <button class="small" onClick={() => deny(device, former)}>{text.same.no}</button>
      </p>
      {mine ? <p class="warning" role="alert">▲ {text.cut.mine}</p> : <Failed words={failed} />}
    </section>
  );
}
