import { left, unix } from "../format.ts";
import { second } from "../state.ts";
import { text } from "../text.ts";
import type { Quarantine } from "../wire.ts";

/** How long a quarantine still holds; nothing where it has no end. It is not announced: it changes each second. */
export function Clock({ of }: { of: Quarantine }) {
  const end = unix(of.until);
  if (end === null) return null;
  const rest = end - second.value;
  return <span class="clock" role="timer">{rest > 0 ? text.held.left(left(rest)) : text.held.over}</span>;
}
