import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { text } from "../text.ts";

/** A dialog over everything, open as long as it is drawn. One that `asks` brings its own answers and says which of them
 * has the focus; another has it at its title, and a way to close it. */
export function Sheet({ name, title, asks = false, close, children }: {
  name: string; title: string; asks?: boolean; close: () => void; children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>(".safe")?.focus();
  }, []);
  // Another may have taken its place before it tells that it is shut.
  return (
    <dialog ref={dialog} class={`sheet ${name}`} aria-labelledby={`${name}-title`} onClose={() => dialog.current && close()}>
      <h2 id={`${name}-title`} {...(!asks && { tabIndex: -1, class: "safe" })}>{title}</h2>
      {children}
      {!asks && <form method="dialog" class="buttons"><button>{text.close}</button></form>}
    </dialog>
  );
}

/** Closes the dialog that a button is in; the focus goes back to where it came from. */
export const shut = (event: Event) => (event.currentTarget as Element).closest("dialog")?.close();
