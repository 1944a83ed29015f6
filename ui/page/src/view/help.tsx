import { helping } from "../state.ts";
import { text } from "../text.ts";
import { Sheet } from "./sheet.tsx";

/** The keys, on "?". */
export function Help() {
  if (!helping.value) return null;
  return (
    <Sheet name="help" title={text.help.title} close={() => (helping.value = false)}>
      <dl class="facts">
        {text.help.keys.map(([key, does]) => (
          <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>
        ))}
      </dl>
    </Sheet>
  );
}
