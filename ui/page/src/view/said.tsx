import { spoken } from "../say.ts";
import type { Phrase } from "../wire.ts";

const asIs = (words: string) => words;

/** What the router says: in the reader's language where that has the phrase, else in the router's English. */
export function Said({ say, words, within = asIs }: { say: Phrase | undefined; words: string; within?: (words: string) => string }) {
  const own = spoken(say);
  return <bdi lang={own ? undefined : "en"}>{within(own || words)}</bdi>;
}
