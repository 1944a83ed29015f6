import { useState } from "preact/hooks";
import { words } from "../actions.ts";
import { getLearned, learnedOf, setMud } from "../api.ts";
import { clean } from "../clean.ts";
import { live } from "../state.ts";
import { text } from "../text.ts";
import type { Device, Learned as Draft } from "../wire.ts";
import { Lines } from "./approvals.tsx";
import { Failed } from "./failed.tsx";
import type { Act } from "./errand.ts";
import { when } from "./when.ts";

/** Where no maker says anything: a description of what the device did so far, with what speaks against using it. */
export function Learned({ device, busy, act }: { device: Device; busy: boolean; act: Act }) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [failed, setFailed] = useState("");
  const make = () => getLearned(device.mac).then((d) => { setDraft(d); setFailed(""); }, (error) => setFailed(words(error)));
  const since = when(draft?.since);
  return (
    <>
      <p class="assign"><button disabled={busy || !live.value} onClick={make}>{text.mud.learn}</button></p>
      <Failed words={failed} />
      {draft && (
        <section class="note approval" aria-label={text.mud.learned}>
          <p><strong>{text.mud.learned}</strong></p>
          <p class="muted">{text.mud.entries(draft.entries)}{since && ` · ${text.finding.since(since)}`}</p>
          <Lines title={text.mud.mind} lines={draft.warnings.map((w) => clean(w, 300))} />
          <p class="assign buttons">
            <a class="button" href={learnedOf(device.mac)} download="">{text.mud.download}</a>
            <button class="primary" disabled={busy || !live.value} onClick={() => act(setMud(device.mac, { file: draft.file, mode: "watch" }))}>{text.mud.watch}</button>
          </p>
        </section>
      )}
    </>
  );
}
