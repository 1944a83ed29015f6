import { bow, curve, type Plan } from "../layout.ts";
import { drawn, hovered, picked, pickedDevice, type Picked } from "../state.ts";
import { text } from "../text.ts";
import { neighbours } from "./talks.ts";

/** All lines of the map. What is picked dims the rest, what is pointed at stands out. */
export function Lines({ plan }: { plan: Plan }) {
  const left = new Map(plan.left.map((p) => [p.id, p.y]));
  const right = new Map(plan.right.map((p) => [p.id, p.y]));
  return (
    <g class={hovered.value && !picked.value ? "lines hovering" : "lines"} aria-hidden="true">
      {drawn.value.map((l) => {
        const [y1, y2] = [left.get(l.device), right.get(l.owner)];
        if (y1 === undefined || y2 === undefined) return null;
        const touched = (at: Picked) => at !== null && at.id === (at.what === "device" ? l.device : l.owner);
        const dim = picked.value !== null && !touched(picked.value);
        const classes = style(l.width, l.way, l.thin, dim, touched(hovered.value));
        return <path key={l.key} class={classes} d={curve(plan.leftX, y1, plan.rightX, y2)} />;
      })}
      <Bows plan={plan} />
    </g>
  );
}

function style(width: number, way: string, thin: boolean, dim: boolean, hot: boolean): string {
  return `w${width} ${way}${thin ? " thin" : ""}${dim ? " dim" : ""}${hot ? " hot" : ""}`;
}

// Talk inside the home, of the picked device only.
function Bows({ plan }: { plan: Plan }) {
  const device = pickedDevice.value;
  const own = device && plan.left.find((p) => p.id === device.id);
  if (!device || !own) return null;
  return (
    <>
      {neighbours(device).map((n) => {
        const other = plan.left.find((p) => p.id === n.device?.id);
        return other ? <path key={n.mac} class="lan" d={bow(plan.leftX, own.y, other.y)} /> : null;
      })}
    </>
  );
}

/** What the lines mean. */
export function Legend() {
  return (
    <ul class="legend" aria-label={text.map.legend}>
      {(["down", "up", "quiet", "lan"] as const).map((way) => (
        <li key={way}>
          <svg width="26" height="8" aria-hidden="true" class="lines">
            <path class={`w3 ${way === "quiet" ? "still" : way}`} d="M1 4H25" />
          </svg>
          {text.map[way]}
        </li>
      ))}
    </ul>
  );
}
