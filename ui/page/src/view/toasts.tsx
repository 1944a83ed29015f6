import { useEffect, useState } from "preact/hooks";
import { toast, type Toast } from "../actions.ts";
import { isOpen, live } from "../state.ts";
import { text } from "../text.ts";

const LASTS = 10_000; // ms

/** What was just done, with its undo, for ten seconds; longer while it is pointed at or has the focus. Behind a login
 * nobody would read it: it waits. */
export function Toasts() {
  const now = isOpen.value ? toast.value : null;
  return <div class="toasts" role="status">{now && <One key={now.id} toast={now} />}</div>;
}

function One({ toast: shown }: { toast: Toast }) {
  const [held, hold] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => (toast.value === shown && (toast.value = null)), LASTS);
    return () => clearTimeout(timer);
  }, [held, shown]);
  const close = () => (toast.value = null);
  return (
    <div
      class="toast" onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)}
      onFocusIn={() => hold(true)} onFocusOut={() => hold(false)}
    >
      <span>{shown.text}</span>
      {shown.undo && (
        <button class="undo" disabled={!live.value} onClick={() => { close(); shown.undo?.(); }}>{text.toast.undo}</button>
      )}
      <button class="plain" aria-label={text.toast.dismiss} onClick={close}>✕</button>
    </div>
  );
}
