import { say } from "../actions.ts";
import { LANGUAGES, type Language } from "../locale.ts";
import { choose, language, text } from "../text.ts";

/** The language of the page; it holds for this browser. */
export function LanguageChoice() {
  const set = (next: Language) => choose(next).catch(() => say(text.error.unreachable));
  return (
    <label class="language muted">
      <span>{text.language}</span>
      <select value={language.value} onChange={(event) => set(event.currentTarget.value as Language)}>
        {Object.entries(LANGUAGES).map(([tag, name]) => <option key={tag} value={tag} lang={tag}>{name}</option>)}
      </select>
    </label>
  );
}
