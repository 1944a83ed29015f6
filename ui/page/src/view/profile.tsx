import { useEffect, useState } from "preact/hooks";
import { words } from "../actions.ts";
import { answerMud, Failure, getMud, setMud, type MudOrder } from "../api.ts";
import { count } from "../format.ts";
import { tidyMud } from "../mud.ts";
import { live, mayAct } from "../state.ts";
import { text } from "../text.ts";
import type { Device, Mud, MudMode } from "../wire.ts";
import { Approvals, Lines } from "./approvals.tsx";
import { Assign } from "./assign.tsx";
import { useErrand, type Act } from "./errand.ts";
import { Failed } from "./failed.tsx";
import { Radios } from "./radios.tsx";
import { Switch } from "./toggle.tsx";
import { when } from "./when.ts";

/** What the maker of a device says that it may do, in words, and how it is held to that. */
export function Profile({ device }: { device: Device }) {
  const [mud, set] = useState<Mud | null>(null);
  const { busy, failed, setFailed, run } = useErrand();
  const look = () => getMud(device.mac).then((m) => { set(tidyMud(m)); setFailed(""); }, (error) => setFailed(words(error)));
  useEffect(() => { if (live.value) look(); }, [JSON.stringify(device.mud), live.value]);
  const [mine, setMine] = useState<{ order: MudOrder } | null>(null); // wants a second word: it may shut this page out
  const act: Act = (order, sure) => {
    setMine(null);
    return run(order(sure).then((m) => set(tidyMud(m)), (error) => {
      if (error instanceof Failure && error.code === "own-device") setMine({ order });
      throw error;
    }));
  };
  if (!mud) return <p class="muted">{failed || text.busy}</p>;
  return (
    <>
      <p>{mud.file && mud.state === "active" ? text.mud.yours : (text.mud.state[mud.state] ?? mud.state)}</p>
      {mayAct.value && <Approvals list={mud.approvals} busy={busy} answer={(id, yes) => act(answerMud(device.mac, id, yes))} />}
      {mud.state !== "none" && (
        <Radios
          name="mud-mode" title={text.mud.how} of={MODES.map((mode) => [mode, text.mud.mode[mode], text.mud.meaning[mode]])} value={mud.mode}
          disabled={busy || !live.value || !mayAct.value} set={(mode) => act(setMud(device.mac, { mode }))}
        />
      )}
      {mayAct.value && mud.state === "active" && (
        <Switch on={mud.strict} words={text.mud.strict} disabled={busy || !live.value} set={(strict) => act(setMud(device.mac, { strict }))} />
      )}
      <Policy mud={mud} />
      <Violations mud={mud} />
      <Lines title={text.mud.problems} lines={mud.problems} />
      <Known mud={mud} />
      {mayAct.value && <Assign device={device} mud={mud} busy={busy} act={act} />}
      {mine
        ? (
          <p class="warning" role="alert">
            ▲ {text.mud.mine} <button disabled={!live.value} onClick={() => act(mine.order, true)}>{text.mud.anyway}</button>
          </p>
        )
        : <Failed words={failed} />}
    </>
  );
}

const MODES: MudMode[] = ["off", "watch", "enforce"];

// What it may, and what of that it used since somebody counts.
function Policy({ mud: { policy, uses, usesSince } }: { mud: Mud }) {
  const notes = new Map(uses.map((u) => [u.text, u.count > 0 ? text.mud.times(count(u.count), when(u.last)) : text.mud.unused]));
  const used = uses.filter((u) => u.count > 0).length;
  return (
    <>
      <Lines title={text.mud.policy} lines={policy} notes={notes} />
      {uses.length > 0 && <p class="muted">{text.mud.used(used, uses.length, when(usesSince))}</p>}
    </>
  );
}

function Violations({ mud }: { mud: Mud }) {
  if (mud.violations === 0) return null;
  const notes = new Map(mud.recent.map((v) => [v.text, v.count > 1 ? `×${v.count}` : ""]));
  return <><p class="note">▲ {text.mud.violations(mud.violations)}</p><Lines title={text.mud.recent} lines={mud.recent} notes={notes} /></>;
}

function Known({ mud }: { mud: Mud }) {
  const rows: [string, string | null][] = [
    [text.mud.about, mud.systemInfo], [text.mud.url, mud.file ? text.mud.file : mud.url], [text.mud.source, text.device.nameSource[mud.source ?? ""] ?? mud.source],
    [text.mud.signed, mud.state === "none" ? null : (mud.signedBy ?? text.mud.unsigned)], [text.mud.fetched, when(mud.fetched)], [text.mud.expires, when(mud.expires)],
  ];
  return <dl class="facts">{rows.map(([key, value]) => value && <div key={key}><dt>{key}</dt><dd><bdi>{value}</bdi></dd></div>)}</dl>;
}
