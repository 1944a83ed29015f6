import { bow, curve, type Plan } from "../layout.ts";
import type { Line } from "../lines.ts";
import { byMac, drawn, having, hovered, past, picked, pickedDevice, shown, type Picked } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { beyondOf, neighbours } from "./talks.ts";

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
        const classes = style(l, dim, touched(hovered.value));
        return <path key={l.key} class={classes} d={curve(plan.leftX, y1, plan.rightX, y2)} />;
      })}
      <Bows plan={plan} />
    </g>
  );
}

function style(l: Line, dim: boolean, hot: boolean): string {
  return `w${l.width} ${l.way}${l.thin ? " thin" : ""}${l.beyond ? " beyond" : ""}${dim ? " dim" : ""}${hot ? " hot" : ""}`;
}

// Talk inside the home: of the picked device, and while nothing is picked of those that are unusual; beyond a profile always.
function Bows({ plan }: { plan: Plan }) {
  const at = pickedDevice.value;
  const places = new Map(plan.left.map((p) => [p.id, p.y]));
  const bows = new Map<string, string>(); // paths to their classes
  const add = (device: Device, mac: string, kind: string) => {
    const [own, other] = [places.get(device.id), places.get(byMac(mac)?.id ?? NaN)];
    if (own !== undefined && other !== undefined) bows.set(bow(plan.leftX, own, other), kind);
  };
  for (const d of at ? [at] : picked.value ? [] : having("unusual")) for (const n of neighbours(d)) add(d, n.mac, at ? "lan" : "lan odd");
  for (const d of past.value ? [] : at ? [at] : shown.value) for (const b of d.mud?.beyond ?? []) if (b.peer) add(d, b.peer, "lan beyond");
  return <>{[...bows].map(([d, kind]) => <path key={d} class={kind} d={d} />)}</>;
}

/** What the lines mean. */
export function Legend() {
  const dashed = shown.value.some((d) => beyondOf(d).length > 0);
  return (
    <ul class="legend" aria-label={text.map.legend}>
      {(["down", "up", "quiet", "lan", ...(dashed ? ["beyond" as const] : [])] as const).map((way) => (
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
