import { useEffect, useState } from "preact/hooks";
import { words } from "../actions.ts";
import { live } from "../state.ts";

const ANEW = 60_000; // ms between two looks

/** What the router answers: asked at once and then again and again, while there is a router to ask and somebody to see it.
 * Null until it answers; `failed` is in words why it did not. */
export function useLook<T>(ask: () => Promise<T>, every = ANEW): { got: T | null; failed: string } {
  const [got, set] = useState<T | null>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    const look = () => { if (live.value && !document.hidden) ask().then(set, (error) => setFailed(words(error))); };
    look();
    const timer = setInterval(look, every);
    return () => clearInterval(timer);
  }, [live.value]);
  return { got, failed };
}
