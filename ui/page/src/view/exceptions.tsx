import { useState } from "preact/hooks";
import { edit, words } from "../actions.ts";
import { live, mayAct } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";

/** What a device may still reach while it is cut off. The router judges what is a target. */
export function Exceptions({ device }: { device: Device }) {
  const [draft, setDraft] = useState("");
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const list = device.exceptions;

  const save = async (exceptions: string[]) => {
    setBusy(true);
    setFailed("");
    const error = await edit(device.mac, { exceptions }).then(() => null, words);
    setBusy(false);
    if (error) setFailed(text.device.unsaved(error));
    return !error;
  };
  const add = async (event: Event) => {
    event.preventDefault();
    const target = draft.trim();
    if (list.includes(target)) return setFailed(text.device.unsaved(text.exceptions.twice));
    if (target && (await save([...list, target]))) setDraft("");
  };
  return (
    <>
      <h3 id="exceptions-title">{text.exceptions.title}</h3>
      {list.length === 0 && <p class="muted">{text.exceptions.none}</p>}
      <ul class="rows exceptions" aria-labelledby="exceptions-title">
        {list.map((target) => (
          <li key={target}>
            <bdi>{target}</bdi>
            {mayAct.value && (
              <button class="small" aria-label={text.exceptions.removeOf(target)} disabled={busy || !live.value} onClick={() => void save(list.filter((t) => t !== target))}>
                {text.exceptions.remove}
              </button>
            )}
          </li>
        ))}
      </ul>
      {mayAct.value && (
        <form class="adding" onSubmit={(event) => void add(event)}>
          <label>
            <span>{text.exceptions.add}</span>
            <input
              value={draft} maxLength={64} autocomplete="off" spellcheck={false} aria-describedby="exceptions-hint"
              aria-invalid={failed !== ""} onInput={(event) => setDraft(event.currentTarget.value)}
            />
          </label>
          <button disabled={busy || !live.value}>{text.exceptions.go}</button>
        </form>
      )}
      {mayAct.value && <p id="exceptions-hint" class="muted">{text.exceptions.hint}</p>}
      {failed && <p class="failed" role="alert">▲ {failed}</p>}
    </>
  );
}
