// What this browser keeps between visits: a language, a time. A browser that keeps nothing is no reason to fail.

/** What was kept under a key; null for nothing. */
export function kept(key: string): string | null {
  try {
    return localStorage.getItem(`spinneret.${key}`);
  } catch {
    return null;
  }
}

/** Keeps a text under a key, where the browser lets us. */
export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`spinneret.${key}`, value);
  } catch {
    // The next visit begins without it.
  }
}
