// Names come from the network: whoever joins the Wi-Fi chooses them. What could turn the text around, hide in it or
// pile up over its neighbours is taken out here, once, before anything is drawn. Markup needs no care: text nodes only.

// Bidirectional controls, other invisible formatting, control characters, line and paragraph separators, lone halves.
// The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
const HARMFUL =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
const LONE = /\p{Surrogate}/gu;
const PILES = /(\p{M}{2})\p{M}+/gu;

/** Makes one line of text from outside harmless: each harmful character becomes U+FFFD, and it ends after `max`. */
export function clean(text: unknown, max = 64): string {
  if (typeof text !== "string") return "";
  const safe = text.slice(0, 4 * max).replace(LONE, "\ufffd").replace(HARMFUL, "\ufffd").replace(PILES, "$1").trim();
  const points = [...safe];
  return points.length > max ? points.slice(0, max - 1).join("") + "…" : safe;
}

/** A list of the router's, each item made harmless; empty where the router does not send it: an older one knows less. */
export const each = <T>(list: readonly T[] | null | undefined, tidy: (item: T) => T): T[] => (list ?? []).map((item) => tidy(item));
