import { link } from "../state.ts";
import { text } from "../text.ts";
import { Sign } from "./login.tsx";

/** What stands in the map's place before there is anything to draw. */
export function Learning() {
  const live = link.value.state === "live";
  return (
    <section class="card learning" aria-busy="true">
      <Sign />
      <h2>{live ? text.learning.title : text.link.connecting}</h2>
      <p>{live ? text.learning.body : text.link.first}</p>
    </section>
  );
}
