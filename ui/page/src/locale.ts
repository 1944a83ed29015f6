// The reader's habits: how numbers and times are written, and which of two forms a count wants. English until told.

export const LANGUAGES = { en: "English", de: "Deutsch", nl: "Nederlands" } as const;
export type Language = keyof typeof LANGUAGES;

const HOME: Record<Language, string> = { en: "en-GB", de: "de-DE", nl: "nl-NL" };

interface Habits {
  tag: string; // BCP 47
  units: readonly [string, string, string, string]; // second, minute, hour, day
  idle: string;
}

/** What numbers, spans and silence are written by. */
export let habits: Habits = { tag: HOME.en, units: ["s", "min", "h", "d"], idle: "idle" };

let made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>(); // making one costs a hundred times its use

/** Writes numbers and times by these habits from now on. */
export function liveBy(next: Habits): void {
  habits = next;
  made = new Map();
}

function once<F extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => F): F {
  const format = (made.get(key) as F | undefined) ?? make();
  made.set(key, format);
  return format;
}

const isLanguage = (text: string): text is Language => Object.hasOwn(HOME, text);
const base = (tag: string) => tag.toLowerCase().split("-")[0]!;

/** The language to speak: the one that was chosen here, else the first of the browser's that we have. */
export function preferred(chosen: string | null, wanted: readonly string[]): Language {
  if (chosen !== null && isLanguage(chosen)) return chosen;
  return wanted.map(base).find(isLanguage) ?? "en";
}

/** The regional form of a language that the browser asks for; it decides about dates and the clock. */
export function regional(language: Language, wanted: readonly string[]): string {
  return wanted.find((tag) => base(tag) === language && tag.length > 2) ?? HOME[language];
}

/** A number with so many digits behind the point. */
export function number(n: number, digits = 0, grouped = true): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: grouped };
  return once(`${digits}${grouped}`, () => new Intl.NumberFormat(habits.tag, options)).format(n);
}

/** A Unix time, the parts of it that `want` names. */
export function time(at: number, want: "clock" | "seconds" | "day" | "year" | "weekday"): string {
  return once(want, () => new Intl.DateTimeFormat(habits.tag, PARTS[want])).format(at * 1000);
}

const hand = { hour: "2-digit", minute: "2-digit" } as const;
const day = { day: "numeric", month: "short" } as const;
const PARTS: Record<string, Intl.DateTimeFormatOptions> = {
  clock: hand, seconds: { ...hand, second: "2-digit" }, day, year: { ...day, year: "numeric" }, weekday: { weekday: "long" },
};

/** Chooses the form for a count and puts the count in the place of "#". */
export type Many = (n: number, one: string, other: string) => string;

/** The plural rules of a language. */
export function counting(language: Language): Many {
  const rules = new Intl.PluralRules(language);
  return (n, one, other) => (rules.select(n) === "one" ? one : other).replace("#", number(n));
}
