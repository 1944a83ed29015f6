import type { ComponentChildren } from "preact";

/** Why something was not done, and what can be done then; nothing where it was. */
export const Failed = ({ words, children }: { words: string; children?: ComponentChildren }) =>
  words ? <p class="failed" role="alert">▲ {words} {children}</p> : null;
