import { useEffect, useRef, useState } from "preact/hooks";
import { cut, say, words } from "../actions.ts";
import { Failure, type CutOrder } from "../api.ts";
import { clock, nextMorning } from "../format.ts";
import { asking, byMac, home, live, me, pending } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { talksNow } from "./talks.ts";

type Length = "forever" | "hour" | "morning";

/** The question before a device is cut off. Keeping it on is what Enter does. */
export function CutDialog() {
  const device = byMac(asking.value);
  return device && asking.value ? <Question key={device.mac} device={device} /> : null;
}

function Question({ device }: { device: Device }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [length, setLength] = useState<Length>("forever");
  const [own, setOwn] = useState(me.value === device.id);
  const [failed, setFailed] = useState("");
  const [stops] = useState(() => talksNow(device)); // as it was when asked: a list that moves cannot be read
  const busy = pending.value.has(device.mac);
  useEffect(() => dialog.current?.showModal(), []);

  const close = () => void (asking.value === device.mac && (asking.value = null));
  const go = async () => {
    setFailed("");
    try {
      await cut(device, orderOf(length, own));
      close();
    } catch (error) {
      if (error instanceof Failure && error.code === "own-device") return setOwn(true);
      setFailed(text.cut.failed(words(error)));
      if (asking.value !== device.mac) say(text.cut.failed(words(error)));
    }
  };
  return (
    <dialog ref={dialog} class="sheet ask" aria-labelledby="ask-title" onClose={close}>
      <h2 id="ask-title">{text.cut.title(device.name)}</h2>
      <p>{text.cut.stops}</p>
      {own && <p class="warning" role="alert">▲ {text.cut.own}</p>}
      <Stops names={stops} />
      <Lengths value={length} set={setLength} />
      {failed && <p class="failed" role="alert">▲ {failed}</p>}
      <div class="buttons">
        <button autofocus onClick={() => dialog.current?.close()}>{text.cut.keep}</button>
        <button class="primary" disabled={busy || !live.value} onClick={() => void go()}>
          {busy ? text.device.cutting : own ? text.cut.anyway : text.cut.yes}
        </button>
      </div>
    </dialog>
  );
}

const NAMED = 5;

function Stops({ names }: { names: string[] }) {
  if (names.length === 0) return <p class="muted">{text.cut.quiet}</p>;
  return (
    <div class="stops">
      <p>{text.cut.talks}</p>
      <ul>
        {names.slice(0, NAMED).map((name) => <li key={name}><bdi>{name}</bdi></li>)}
        {names.length > NAMED && <li class="muted">{text.cut.more(names.length - NAMED)}</li>}
      </ul>
    </div>
  );
}

function Lengths({ value, set }: { value: Length; set: (length: Length) => void }) {
  const morning = nextMorning(home.value.now);
  const today = new Date(morning * 1000).getDate() === new Date(home.value.now * 1000).getDate();
  const choices: [Length, string][] = [
    ["forever", text.cut.forever],
    ["hour", text.cut.hour],
    ["morning", text.cut.morning(today ? text.cut.today : text.cut.tomorrow, clock(morning))],
  ];
  return (
    <fieldset class="lengths">
      <legend>{text.cut.how}</legend>
      {choices.map(([length, words]) => (
        <label key={length}>
          <input type="radio" name="length" checked={value === length} onChange={() => set(length)} />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}

function orderOf(length: Length, acknowledge: boolean): CutOrder {
  const order: CutOrder = { level: "full" };
  if (length === "hour") order.for = "1h";
  if (length === "morning") order.until = new Date(nextMorning(home.value.now) * 1000).toISOString().replace(".000Z", "Z");
  if (acknowledge) order.acknowledge = true;
  return order;
}
