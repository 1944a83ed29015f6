import { useState } from "preact/hooks";
import { edit, type DeviceEdit } from "../api.ts";
import { live, mayAct } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { useErrand } from "./errand.ts";
import { Failed } from "./failed.tsx";

interface Words { title: string; none: string; add: string; hint: string; go: string }

/** A list of texts about a device that the owner may lengthen and shorten. The router judges what belongs there. */
export function Choices({ device, id, list, words: said, longest, change }: {
  device: Device; id: string; list: readonly string[]; words: Words; longest: number; change: (list: string[]) => DeviceEdit;
}) {
  const [draft, setDraft] = useState("");
  const { busy, failed, setFailed, run } = useErrand();
  const save = (next: string[]) => run(edit(device.mac, change(next)));
  const add = async (event: Event) => {
    event.preventDefault();
    const target = draft.trim();
    if (list.includes(target)) return setFailed(text.failed(text.exceptions.twice));
    if (target && (await save([...list, target]))) setDraft("");
  };
  return (
    <>
      <h3 id={`${id}-title`}>{said.title}</h3>
      {list.length === 0 && <p class="muted">{said.none}</p>}
      <ul class="rows exceptions" aria-labelledby={`${id}-title`}>
        {list.map((target) => (
          <li key={target}>
            <bdi>{target}</bdi>
            {mayAct.value && (
              <button class="small" aria-label={`${text.exceptions.remove}: ${target}`} disabled={busy || !live.value} onClick={() => save(list.filter((t) => t !== target))}>
                {text.exceptions.remove}
              </button>
            )}
          </li>
        ))}
      </ul>
      {mayAct.value && (
        <form class="adding" onSubmit={add}>
          <label>
            <span>{said.add}</span>
            <input
              value={draft} maxLength={longest} autocomplete="off" spellcheck={false} aria-describedby={`${id}-hint`}
              aria-invalid={failed !== ""} onInput={(event) => setDraft(event.currentTarget.value)}
            />
          </label>
          <button disabled={busy || !live.value}>{said.go}</button>
        </form>
      )}
      {mayAct.value && <p id={`${id}-hint`} class="muted">{said.hint}</p>}
      <Failed words={failed} />
    </>
  );
}
