import { say } from "../actions.ts";
import { savePicture } from "../blank.ts";
import { narrow, view } from "../state.ts";
import { text } from "../text.ts";

/** Saves what the map shows as a picture in which nobody is named: for a forum, or for the provider. */
export function Share() {
  if (narrow.value || view.value !== "map") return null;
  const go = () => void savePicture(document.querySelector<SVGSVGElement>(".frame svg")!).catch(() => say(text.share.failed));
  return <button onClick={go}>{text.share.save}</button>;
}
