import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

/** What only some ask for, under a title: it is drawn, and asks the router, only while it is open. */
export function Fold({ title, begin = false, children }: { title: ComponentChildren; begin?: boolean; children: () => ComponentChildren }) {
  const [open, setOpen] = useState(begin);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open && children()}
    </details>
  );
}
