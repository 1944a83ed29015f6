// The words on the page, in the reader's language. Only that language's catalogue is loaded; it comes before anything
// is drawn, and another can take its place.
import { signal } from "@preact/signals";
import { keep, kept } from "./keepsake.ts";
import { counting, liveBy, preferred, regional, type Language, type Many } from "./locale.ts";
import type { words } from "./words/en/index.ts";
import type { Quarantine, Session } from "./wire.ts";

export type Text = ReturnType<typeof words>;

type Catalogue = (many: Many, role: Session["role"]) => Text;

const CATALOGUES: Record<Language, () => Promise<{ words: Catalogue; said: string }>> = {
  en: () => import("./words/en/index.ts"),
  de: () => import("./words/de/index.ts"),
  nl: () => import("./words/nl/index.ts"),
};

/** The catalogue in use. Read it when a word is drawn, not before: it changes with language and reader. */
export let text: Text;

/** What the router says, by key: templates in the language in use. */
export let said: ReadonlyMap<string, string> = new Map();

let say: (role: Session["role"]) => Text;
let reader: Session["role"] = "owner";

/** The language in use; it changes after its words are there. */
export const language = signal<Language>("en");

/** Speaks a language. Rejects where its catalogue cannot be loaded; then nothing changes. */
export async function speak(next: Language, wanted: readonly string[] = []): Promise<void> {
  const { words, said: templates } = await CATALOGUES[next]();
  const many = counting(next);
  say = (role) => words(many, role);
  said = new Map(templates.split("\n").map((line) => line.split("\t") as [string, string]));
  speakTo(reader);
  liveBy({ tag: regional(next, wanted), units: text.units, idle: text.idle });
  language.value = next;
}

/** Speaks the reader's language. */
export const speakAsWanted = () => speak(preferred(kept("language"), navigator.languages), navigator.languages);

/** Speaks the language that the reader chose, now and at each visit. */
export async function choose(next: Language): Promise<void> {
  await speak(next, navigator.languages);
  keep("language", next);
}

/** Lets the page call the owner "you", or the owner where somebody else is looking. */
export function speakTo(role: Session["role"]): void {
  reader = role;
  text = say(role);
}

/** Who ordered a quarantine; `held` for a device that waits for the owner's word. */
export function whose(q: Pick<Quarantine, "source" | "provider">, held = false): string {
  if (q.provider) return text.by.provider(q.provider);
  return held && q.source === "owner" ? text.by.newDevice : text.by[q.source];
}
