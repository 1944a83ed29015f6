import { useEffect, useRef, useState } from "preact/hooks";
import { home, marks, past } from "../state.ts";
import type { Mark } from "../mark.ts";
import { text } from "../text.ts";

/** Tells a screen reader when a device changes its state or waits for a word: rates would never let it finish. */
export function Announcer() {
  const before = useRef<ReadonlyMap<number, Mark>>(new Map());
  const [words, say] = useState("");
  const now = past.value ? before.current : marks.value;
  useEffect(() => {
    const old = before.current;
    before.current = now;
    const changed = [...now].filter(([id, mark]) => (old.has(id) || mark === "held") && old.get(id) !== mark && mark !== "offline");
    const sentence = changed.map(([id, mark]) => `${home.value.devices.get(id)?.name}: ${text.mark[mark]}`).join(". ");
    if (sentence) say(sentence);
  }, [now]);
  return <div class="unseen" role="status">{words}</div>;
}
