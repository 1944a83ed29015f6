import { useState } from "preact/hooks";
import { say } from "../actions.ts";
import { savePicture } from "../blank.ts";
import { narrow, view } from "../state.ts";
import { text } from "../text.ts";
import { HomeMap } from "./map.tsx";

/** Saves the map as a picture in which nobody is named: for a forum, or for the provider. Where a table is shown in the
 * map's place, the map is drawn for it unseen. */
export function Share() {
  const [drawing, draw] = useState(false);
  const shown = !narrow.value && view.value === "map";
  const go = async () => {
    draw(!shown);
    await new Promise(requestAnimationFrame);
    await savePicture(document.querySelector<SVGSVGElement>(".frame svg")!).catch(() => say(text.share.failed));
    draw(false);
  };
  return <>{drawing && <div class="unseen"><HomeMap /></div>}<button onClick={go}>{text.share.save}</button></>;
}
