import type { ComponentChildren } from "preact";

interface Props<T extends string> {
  name: string; title: string;
  of: readonly (readonly [choice: T, words: string, about?: string])[];
  value: T; set: (choice: T) => void;
  disabled?: boolean; children?: ComponentChildren;
}

/** One of some plain choices, each perhaps with a sentence. It turns when the choice is taken over. */
export function Radios<T extends string>({ name, title, of, value, set, disabled = false, children }: Props<T>) {
  return (
    <fieldset class="choices" disabled={disabled}>
      <legend>{title}</legend>
      {of.map(([choice, words, about]) => (
        <label key={choice}>
          <input
            type="radio" name={name} checked={value === choice} aria-describedby={about && `${name}-${choice}`}
            onChange={(event) => { event.currentTarget.checked = value === choice; set(choice); }}
          />
          <span>{words}{about && <small id={`${name}-${choice}`} class="muted">{about}</small>}</span>
        </label>
      ))}
      {children}
    </fieldset>
  );
}
