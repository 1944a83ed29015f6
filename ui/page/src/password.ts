// What can be said of a new password before the router judges it. Pure.

/** In characters; the router wants as many. */
export const MIN_PASSWORD = 8;

export type Flaw = "short" | "differs";

/** What is wrong with a new password and its repetition, or null. */
export function flawOf(password: string, again: string): Flaw | null {
  if ([...password].length < MIN_PASSWORD) return "short";
  return password === again ? null : "differs";
}
