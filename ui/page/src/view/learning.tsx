import { link } from "../state.ts";
import { text } from "../text.ts";

/** What stands in the map's place before there is anything to draw. */
export function Learning() {
  const live = link.value.state === "live";
  return (
    <section class="card learning" aria-busy="true">
      <svg viewBox="0 0 120 60" width="180" height="90" aria-hidden="true">
        <path d="M14 12C60 12 60 30 106 30M14 30H106M14 48C60 48 60 30 106 30" />
        {[12, 30, 48].map((y) => <circle key={y} cx="14" cy={y} r="5" />)}
        <rect x="100" y="24" width="12" height="12" rx="3" />
      </svg>
      <h2>{live ? text.learning.title : text.link.connecting}</h2>
      <p>{live ? text.learning.body : text.link.first}</p>
    </section>
  );
}
