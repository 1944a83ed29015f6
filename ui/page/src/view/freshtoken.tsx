import { useEffect, useRef, useState } from "preact/hooks";
import { text } from "../text.ts";

/** A token that was just made, to be copied now or never. */
export function FreshToken({ name, token }: { name: string; token: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [told, setTold] = useState("");
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const go = async () => setTold((await copy(field.current!)) ? text.tokens.copied : text.tokens.uncopied);
  return (
    <div class="field fresh">
      <label for="token">{text.tokens.text(name)}</label>
      <span class="pair">
        <input ref={field} id="token" readOnly value={token} spellcheck={false} aria-describedby="token-once" />
        <button onClick={go}>{text.tokens.copy}</button>
      </span>
      <p id="token-once">{text.tokens.once}</p>
      <p role="status">{told}</p>
    </div>
  );
}

// Browsers have no clipboard for a page that came by plain HTTP; the old command does it there.
async function copy(field: HTMLInputElement): Promise<boolean> {
  field.select();
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard && (await clipboard.writeText(field.value).then(() => true, () => false))) return true;
  return document.execCommand("copy");
}
