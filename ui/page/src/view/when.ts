import { moment, rate, span, unix } from "../format.ts";
import { home, past } from "../state.ts";
import { text } from "../text.ts";

/** A time of the API beside the router's clock: "12:04", "21 Nov 12:04"; "" for none. */
export function when(time: string | null | undefined): string {
  const at = unix(time);
  return at === null ? "" : moment(at, home.value.now);
}

/** What passes now between two, or when something last did; at a moment of the past only what passed then. */
export const flowing = ({ tx, rx, last }: { tx: number; rx: number; last: number }) =>
  tx + rx > 0 || past.value ? rate(tx + rx) : text.table.ago(span(home.value.now - last));
