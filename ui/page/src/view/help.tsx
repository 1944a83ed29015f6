import { useEffect, useRef } from "preact/hooks";
import { helping } from "../state.ts";
import { text } from "../text.ts";

/** The keys, on "?". */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (helping.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [helping.value]);
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby="help-title" onClose={() => void (helping.value = false)}>
      <h2 id="help-title">{text.help.title}</h2>
      <dl class="keys">
        {text.help.keys.map(([key, does]) => (
          <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>
        ))}
      </dl>
      <form method="dialog" class="buttons"><button>{text.help.close}</button></form>
    </dialog>
  );
}
