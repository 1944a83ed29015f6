// What the router says, in the reader's language. It says each thing twice: as English text, and as a phrase, which is a
// key of our catalogue and what belongs into its template.
import { clean } from "./clean.ts";
import { about, bytes, count, moment } from "./format.ts";
import { time } from "./locale.ts";
import { present } from "./state.ts";
import { said, text } from "./text.ts";

const LONGEST = 600; // characters of a sentence
const DEEPEST = 6; // phrases within phrases
const GREATEST = 8.64e12; // as seconds the last that a date can have (ECMA-262), as bytes more than any sentence is about

const MEASURES = new Map<unknown, (n: number) => string>([
  ["@bytes", bytes], ["@duration", about], ["@time", (at) => moment(at, present.value.now)], ["@date", (at) => time(at, "year")],
]);

/** A phrase in the language of the page; "" where that has no such phrase, or what is to be said does not fit into it. */
export const spoken = (phrase: unknown): string => (Array.isArray(phrase) ? clean(ofPhrase(phrase, 0), LONGEST) : "");

function ofAny(part: unknown, depth: number): string | undefined {
  if (typeof part === "string") return clean(part, LONGEST);
  if (typeof part === "number") return count(part);
  return Array.isArray(part) && depth < DEEPEST ? ofPhrase(part, depth) : undefined;
}

function ofPhrase([key, ...parts]: unknown[], depth: number): string | undefined {
  const [first] = parts;
  if (typeof first === "number" && Math.abs(first) <= GREATEST && MEASURES.has(key)) return MEASURES.get(key)!(first);
  const words = parts.map((part) => ofAny(part, depth + 1));
  if (words.includes(undefined)) return undefined;
  if (key === "@list") return words.join(", ");
  if (key === "@kind") return Object.hasOwn(text.kind, words[0]!) ? text.kind[words[0]!]![0] : words[0];
  if (key === "edit.wild") words[0] = own(text.device.answers, words[0]); // words of the API, which the page has too
  if (key === "mud.mode") words[1] = own(text.mud.mode, words[1]);
  return fill(said.get(key as string), parts, words);
}

const own = (names: Record<string, string>, word: string | undefined) => (Object.hasOwn(names, word!) ? names[word!] : word);

// {0} is the first part, {0?one:more} one of two words by whether that is 1.
function fill(template: string | undefined, parts: readonly unknown[], words: readonly (string | undefined)[]): string | undefined {
  let fits = true;
  const filled = template?.replace(/\{(\d)(?:\?(.*?):(.*?))?\}/g, (_, at, one, more) => {
    fits &&= words[at] !== undefined;
    return one === undefined ? words[at]! : parts[at] === 1 ? one : more;
  });
  return fits ? filled : undefined;
}
