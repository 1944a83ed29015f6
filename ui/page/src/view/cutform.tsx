import { useEffect, useRef } from "../draw.ts";
import { clock, nextMorning } from "../format.ts";
import type { Choice } from "../order.ts";
import { home } from "../state.ts";
import { text } from "../text.ts";
import type { Level } from "../wire.ts";

const LEVELS: Level[] = ["full", "internet", "flow"];

/** How much is cut: three plain choices, each with a sentence. */
export function Levels({ value, set }: { value: Level; set: (level: Level) => void }) {
  return (
    <fieldset class="choices">
      <legend>{text.cut.what}</legend>
      {LEVELS.map((level) => (
        <label key={level}>
          <input type="radio" name="level" checked={value === level} aria-describedby={`level-${level}`} onChange={() => set(level)} />
          <span>
            {text.level[level]}
            <small id={`level-${level}`} class="muted">{text.cut.sentence[level]}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** For how long, with a time of one's own. */
export function Lengths({ value, set }: { value: Choice; set: (change: Partial<Choice>) => void }) {
  const morning = nextMorning(home.value.now);
  const today = new Date(morning * 1000).getDate() === new Date(home.value.now * 1000).getDate();
  const choices: [Choice["length"], string][] = [
    ["forever", text.cut.forever],
    ["hour", text.cut.hour],
    ["morning", text.cut.morning(today ? text.cut.today : text.cut.tomorrow, clock(morning))],
    ["own", text.cut.own],
  ];
  return (
    <fieldset class="choices">
      <legend>{text.cut.how}</legend>
      {choices.map(([length, words]) => (
        <label key={length}>
          <input type="radio" name="length" checked={value.length === length} onChange={() => set({ length })} />
          <span>{words}</span>
        </label>
      ))}
      {value.length === "own" && <OwnTime value={value.until} set={(until) => set({ until })} />}
    </fieldset>
  );
}

function OwnTime({ value, set }: { value: string; set: (until: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <input
      ref={field} class="when" type="datetime-local" aria-label={text.cut.when} value={value}
      onInput={(event) => set(event.currentTarget.value)}
    />
  );
}

const MAX_WHY = 200; // characters, as the router has it

/** Why, in the owner's words; kept with the quarantine. */
export function Reason({ value, set }: { value: string; set: (why: string) => void }) {
  return (
    <label class="field">
      <span>{text.cut.why}</span>
      <input value={value} maxLength={MAX_WHY} autocomplete="off" onInput={(event) => set(event.currentTarget.value)} />
    </label>
  );
}
