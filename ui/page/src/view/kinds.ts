// Kinds of devices: what they are called, and which of them are unfolded.
import { opened } from "../state.ts";
import { text } from "../text.ts";

/** Several of a kind, in words. */
export const kindName = (kind: string) => text.kind[kind]?.[1] ?? kind;

/** Unfolds a kind on the map, or folds it again. */
export function openKind(kind: string, open: boolean): void {
  const next = new Set(opened.value);
  if (open) next.add(kind);
  else next.delete(kind);
  opened.value = next;
}
