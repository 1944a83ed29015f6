/** Why something was not done; nothing where it was. */
export const Failed = ({ words }: { words: string }) => (words ? <p class="failed" role="alert">▲ {words}</p> : null);
