import type { ComponentChildren } from "preact";
import { pick } from "../actions.ts";
import type { Picked } from "../state.ts";

interface Props { what?: NonNullable<Picked>["what"]; id: number; pressed?: boolean; title?: string; children: ComponentChildren }

/** A name that leads to what bears it: a device, or an owner. */
export function Jump({ what = "device", id, pressed, title, children }: Props) {
  return <button class="name" aria-pressed={pressed} title={title} onClick={() => pick({ what, id })}>{children}</button>;
}
