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
  const go = () => {
    field.current?.select();
    setTold(document.execCommand("copy") ? text.tokens.copied : text.tokens.uncopied); // browsers have no clipboard for plain HTTP
  };
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
