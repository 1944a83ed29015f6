import { say } from "../actions.ts";
import { inherit } from "../api.ts";
import { live, mayAct } from "../state.ts";
import { text } from "../text.ts";
import type { Device, Former } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Failed } from "./failed.tsx";

/** Asks whether a device is one that is gone: phones make up a new MAC now and then. */
export function Same({ device }: { device: Device }) {
  return mayAct.value ? <>{device.maybe.map((m) => <Question key={m.mac} device={device} former={m} />)}</> : null;
}

function Question({ device, former }: { device: Device; former: Former }) {
  const { busy, failed, run } = useErrand();
  const go = async () => {
    if (await run(inherit(device.mac, former.mac))) say(text.same.done(former.name));
  };
  return (
    <section class="note" aria-label={text.same.asks(former.name)}>
      <p><strong><bdi>{text.same.asks(former.name)}</bdi></strong> <bdi lang="en">{former.why}</bdi></p>
      <p class="muted">{text.same.about}</p>
      <button class="small" disabled={busy || !live.value} onClick={() => void go()}>{text.same.yes}</button>
      <Failed words={failed} />
    </section>
  );
}
