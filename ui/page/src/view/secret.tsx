import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { text } from "../text.ts";

interface Props {
  id: string;
  label: string;
  autocomplete: "current-password" | "new-password";
  field: RefObject<HTMLInputElement | null>;
  hint?: string;
  wrong: boolean;
  shown: boolean;
  show?: (shown: boolean) => void; // none: another field's button shows this one too
}

/** A field for a password, which can be looked at, and says when capitals are locked. */
export function Secret({ id, label, autocomplete, field, hint, wrong, shown, show }: Props) {
  const [caps, setCaps] = useState(false);
  const heed = (event: KeyboardEvent) => setCaps(event.getModifierState("CapsLock"));
  const look = text.login.shown[shown ? 1 : 0];
  const kind = (shown ? "text" : "password") as "password"; // the types let no field change its own
  return (
    <div class="field secret">
      <label for={id}>{label}</label>
      <span class="pair">
        <input
          ref={field} id={id} name={id} type={kind} autocomplete={autocomplete} autocapitalize="off" spellcheck={false}
          required aria-invalid={wrong} aria-describedby={hint && `${id}-hint`} onKeyDown={heed} onKeyUp={heed} onBlur={() => setCaps(false)}
        />
        {show && (
          <button type="button" aria-label={`${look}: ${text.login.password}`} onClick={() => show(!shown)}>
            {look}
          </button>
        )}
      </span>
      {hint && <p id={`${id}-hint`} class="muted">{hint}</p>}
      <p class="caps" role="status">{caps && text.login.caps}</p>
    </div>
  );
}
