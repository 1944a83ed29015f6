import { useEffect, useRef } from "preact/hooks";
import { clock, nextMorning } from "../format.ts";
import type { Choice } from "../order.ts";
import { home } from "../state.ts";
import { text } from "../text.ts";
import type { Level } from "../wire.ts";
import { Radios } from "./radios.tsx";

const LEVELS: Level[] = ["full", "internet", "flow"];

/** How much is cut: three plain choices, each with a sentence. */
export function Levels({ value, set }: { value: Level; set: (level: Level) => void }) {
  return <Radios name="level" title={text.cut.what} of={LEVELS.map((level) => [level, text.level[level], text.cut.sentence[level]])} value={value} set={set} />;
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
    <Radios name="length" title={text.cut.how} of={choices} value={value.length} set={(length) => set({ length })}>
      {value.length === "own" && <OwnTime value={value.until} set={(until) => set({ until })} />}
    </Radios>
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
