import { bow, curve, type Plan } from "../layout.ts";
import { drawn, having, hovered, picked, pickedDevice, type Picked } from "../state.ts";
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

// Talk inside the home, of the picked device, and of those that are unusual while nothing is picked.
function Bows({ plan }: { plan: Plan }) {
  const at = pickedDevice.value;
  const shown = at ? [at] : picked.value ? [] : having("unusual");
  const places = new Map(plan.left.map((p) => [p.id, p.y]));
  return (
    <>
      {shown.flatMap((device) => neighbours(device).map((n) => {
        const [own, other] = [places.get(device.id), places.get(n.device?.id ?? -1)];
        if (own === undefined || other === undefined) return null;
        return <path key={`${device.mac} ${n.mac}`} class={at ? "lan" : "lan odd"} d={bow(plan.leftX, own, other)} />;
      }))}
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
