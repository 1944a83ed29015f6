import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A dialog over everything, open as long as it is drawn. Where nothing in it asks for the focus, its title has it. */
export function Sheet({ name, title, kind = "", asks = false, close, children }: {
  name: string; title: string; kind?: string; asks?: boolean; close: () => void; children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class={`sheet ${kind}`} aria-labelledby={`${name}-title`} onClose={close}>
      <h2 id={`${name}-title`} {...(!asks && { tabIndex: -1, autofocus: true })}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Closes the dialog that a button is in; the focus goes back to where it came from. */
export const shut = (event: Event) => (event.currentTarget as Element).closest("dialog")?.close();
