import { useEffect, useState } from "preact/hooks";
import { clock, span } from "../format.ts";
import { home, link, status, updated, type Why } from "../state.ts";
import { text } from "../text.ts";

/** Says that what is seen is old, and how old; or that the page itself is. */
export function Banner() {
  const state = link.value;
  if (state.state === "lost" && state.why === "login") return null; // the login itself says it
  if (state.state === "lost") return <Lost since={state.since} why={state.why} words={state.words ?? ""} />;
  const unset = status.value?.clockSet === false;
  if (!updated.value && !unset) return null;
  return (
    <div class="banner note" role="status">
      {updated.value && <>{text.link.updated} <button onClick={() => location.reload()}>{text.link.reload}</button> </>}
      {unset && text.badge.clock}
    </div>
  );
}

function Lost({ since, why, words: reason }: { since: number; why: Why; words: string }) {
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const { known, now } = home.value;
  const ago = span((Date.now() - since) / 1000);
  const words = why === "full" ? text.link.full
    : why === "refused" ? text.link.refused(reason)
    : known ? text.link.lostSince(ago, clock(now, true))
    : text.link.never;
  return <div class="banner" role="alert" aria-atomic="false" aria-relevant="additions">{words}</div>;
}
