import { useEffect, useState } from "preact/hooks";
import { cut, say, words } from "../actions.ts";
import { Failure, getEnded, getFlows } from "../api.ts";
import { owners } from "../cuts.ts";
import { midnight, rfc3339 } from "../format.ts";
import { orderOf, type Choice } from "../order.ts";
import { dependants, parties, type Party, type Use } from "../parties.ts";
import { asking, byMac, home, live, me, pending } from "../state.ts";
import { text } from "../text.ts";
import type { Device, Flow } from "../wire.ts";
import { Lengths, Levels, Reason } from "./cutform.tsx";
import { Depends, Stops, Ticks } from "./cutstops.tsx";
import { Failed } from "./failed.tsx";
import { Sheet, shut } from "./sheet.tsx";

/** The question before a device is cut off. Keeping it on is what Enter does. */
export function CutDialog() {
  const device = byMac(asking.value);
  return device && asking.value ? <Question key={device.mac} device={device} /> : null;
}

const asItWas: Choice = { level: "full", length: "forever", until: "", why: "", to: [] };

function Question({ device }: { device: Device }) {
  const [again] = useState(() => owners(device) !== undefined);
  const [choice, setChoice] = useState(asItWas);
  const [refused, setRefused] = useState(false); // the router said that this is the owner's own device
  const [failed, setFailed] = useState("");
  const today = useToday(device);
  const busy = pending.value.has(device.mac);
  const mine = refused || (me.value === device.id && choice.level !== "flow");

  const set = (change: Partial<Choice>) => {
    setChoice({ ...choice, ...change });
    setFailed("");
  };
  const close = () => (asking.value === device.mac && (asking.value = null));
  const go = async () => {
    const order = orderOf(choice, home.value.now, mine);
    if (typeof order === "string") return setFailed(text.cut.failed(text.cut.missing[order]));
    setFailed("");
    try {
      await cut(device, order);
      close();
    } catch (error) {
      if (error instanceof Failure && error.code === "own-device") return setRefused(true);
      setFailed(text.cut.failed(words(error)));
      if (asking.value !== device.mac) say(text.cut.failed(words(error)));
    }
  };
  return (
    <Sheet name="ask" title={again ? text.cut.again(device.name) : text.cut.title(device.name)} asks close={close}>
      <p>{text.cut.stops}</p>
      {mine && <p class="warning" role="alert">▲ {text.cut.mine}</p>}
      <Levels value={choice.level} set={(level) => set({ level })} />
      {choice.level === "flow"
        ? <Ticks today={today?.listed ?? null} set={(to) => set({ to })} />
        : <Stops device={device} home={choice.level === "full"} today={today?.parties ?? null} part={today?.part ?? false} />}
      {choice.level === "full" && today && <Depends uses={today.uses} />}
      <Lengths value={choice} set={set} />
      <Reason value={choice.why} set={(why) => set({ why })} />
      <div class="buttons end">
        <Failed words={failed} />
        <button class="safe" onClick={shut}>{again ? text.cut.keepAsIs : text.cut.keep}</button>
        <button class="primary" disabled={busy || !live.value} onClick={go}>
          {busy ? text.held.cutting : mine ? text.cut.anyway : text.cut.yes[choice.level]}
        </button>
      </div>
    </Sheet>
  );
}

interface Today { parties: Party[]; listed: Party[]; uses: Map<Use, string[]>; part: boolean } // listed: as far as their addresses are in use; part: there was more

// Who the device talked to today, as it was when asked: a list that moves cannot be read. Null until known.
function useToday(device: Device): Today | null {
  const [today, setToday] = useState<Today | null>(null);
  useEffect(() => {
    const from = midnight(home.value.now);
    const nothing = { flows: [], more: true };
    const ended = getEnded(device.mac, from, home.value.now).catch(() => nothing); // what is listed must do
    const listed = getFlows(device.mac, rfc3339(from)).catch(() => nothing);
    Promise.all([ended, listed]).then(([old, now]) => setToday(ofFlows([...old.flows, ...now.flows], now.flows, old.more || now.more, device.mac)));
  }, []);
  return today;
}

const ofFlows = (all: readonly Flow[], listed: readonly Flow[], part: boolean, mac: string): Today =>
  ({ parties: parties(all, mac, byMac), listed: parties(listed, mac, byMac), uses: dependants(all, mac), part });
