import { pick } from "../actions.ts";
import { fit, rate } from "../format.ts";
import type { Plan } from "../layout.ts";
import { others } from "../lines.ts";
import { SHAPE, type Mark } from "../mark.ts";
import { isGrey, OTHERS } from "../seats.ts";
import { drawn, home, hovered, isSeated, markIs, matches, picked, query, seats, type Picked } from "../state.ts";
import { text } from "../text.ts";
import { cursor } from "./map.tsx";

const TWO_LINES = 34; // pixels of a row from which the rate stands under the name
const SIZE = 13; // of a name, pixels

/** The devices, on the left. */
export function DeviceNodes({ plan }: { plan: Plan }) {
  const near = reached();
  const first = plan.left[0]?.id;
  return (
    <g>
      {plan.left.map((place) => {
        const device = home.value.devices.get(place.id)!;
        const mark = markIs(device.id);
        const now = rate(device.rxRate + device.txRate);
        const dim = (near !== null && !near.devices.has(device.id)) || !matches(device, query.value);
        return (
          <Node
            key={device.id} what="device" id={device.id} x={place.x} y={place.y} step={plan.step} label={plan.label}
            name={device.name} below={mark === "normal" ? now : `${text.mark[mark]} · ${now}`} mark={mark} reach={size(device.rxRate + device.txRate)}
            spoken={text.map.node(device.name, text.mark[mark], now)} dim={dim} quiet={mark === "offline"} stop={stops("device", device.id, first)}
          />
        );
      })}
    </g>
  );
}

/** The owners with a seat, on the right, and the sum of the others. */
export function OwnerNodes({ plan }: { plan: Plan }) {
  const near = reached();
  const sums = sumsOf();
  const rest = others(home.value, new Set(seats.value.seated));
  return (
    <g>
      {plan.right.map(({ id, x, y }) => {
        const owner = home.value.owners.get(id);
        const sum = sums.get(id) ?? { devices: 0, rate: 0 };
        const name = id === OTHERS ? text.map.others(rest.owners) : (owner?.name ?? "?");
        const now = rate(id === OTHERS ? rest.rx + rest.tx : sum.rate);
        const dim = (near !== null && !near.owners.has(id)) || (query.value !== "" && !name.toLowerCase().includes(query.value.trim().toLowerCase()));
        return (
          <Node
            key={id} what="owner" id={id} x={x} y={y} step={plan.ownerStep} label={plan.ownerLabel} name={name} below={now}
            mark={id === OTHERS ? "others" : "owner"} reach={5} spoken={text.map.owner(name, sum.devices, now)} dim={dim}
            quiet={id !== OTHERS && isGrey(id, home.value)} stop={stops("owner", id, undefined)}
          />
        );
      })}
    </g>
  );
}

// Nodes at the end of a drawn line of what is picked; null while nothing is.
function reached(): { devices: Set<number>; owners: Set<number> } | null {
  const at = picked.value;
  if (!at) return null;
  const near = { devices: new Set<number>(), owners: new Set<number>() };
  (at.what === "device" ? near.devices : near.owners).add(at.id);
  for (const l of drawn.value) {
    if ((at.what === "device" ? l.device : l.owner) !== at.id) continue;
    near.devices.add(l.device);
    near.owners.add(l.owner);
  }
  return near;
}

function sumsOf(): Map<number, { devices: number; rate: number }> {
  const sums = new Map<number, { devices: number; rate: number }>();
  for (const p of home.value.pairs.values()) {
    const id = isSeated(p.owner) ? p.owner : OTHERS;
    const sum = sums.get(id) ?? { devices: 0, rate: 0 };
    sums.set(id, { devices: sum.devices + 1, rate: sum.rate + p.tx + p.rx });
  }
  return sums;
}

// The map is one tab stop: the node that the arrow keys came to last, or the first device.
function stops(what: string, id: number, first: number | undefined): boolean {
  const at = cursor.value;
  const [side, number] = at.split(".");
  const alive = side === "device" ? home.value.devices.has(Number(number)) : seats.value.seated.includes(Number(number)) || number === String(OTHERS);
  return at !== "" && alive ? at === `${what}.${id}` : what === "device" && id === first;
}

// The radius of a device's mark: three pixels more from idle to a megabyte a second.
const size = (now: number) => 4.5 + Math.min(3, Math.max(0, Math.log10(Math.max(now, 1)) - 2) * 0.75);

interface NodeProps {
  what: "device" | "owner"; id: number; x: number; y: number; step: number; label: number;
  name: string; below: string; spoken: string; mark: Mark | "owner" | "others"; reach: number;
  dim: boolean; quiet: boolean; stop: boolean;
}

function Node(p: NodeProps) {
  const left = p.what === "device";
  const at: Picked = { what: p.what, id: p.id };
  const chosen = picked.value?.what === p.what && picked.value.id === p.id;
  const tall = p.step >= TWO_LINES;
  const sign = left && !tall && p.mark !== "normal" ? ` ${SHAPE[p.mark as Mark]}` : "";
  const bold = chosen || p.mark === "unusual";
  const textX = p.x + (left ? -14 : 14);
  const anchor = left ? "end" : "start";
  const height = Math.min(p.step, 44) - 1;
  const toggle = () => pick(chosen ? null : at);
  return (
    <g class={`node ${p.what} ${p.mark}${p.dim ? " dim" : ""}${p.quiet ? " quiet" : ""}${chosen ? " chosen" : ""}`}>
      <g
        role="button" tabindex={p.stop ? 0 : -1} data-node={`${p.what}.${p.id}`} aria-label={p.spoken} aria-pressed={chosen}
        onClick={toggle} onKeyDown={(event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), toggle())}
        onFocus={() => void (cursor.value = `${p.what}.${p.id}`)}
        onPointerEnter={() => void (hovered.value = at)} onPointerLeave={() => void (hovered.value = null)}
      >
        <rect class="hit" x={left ? p.x - p.label - 22 : p.x - 10} y={p.y - height / 2} width={p.label + 32} height={height} rx="8" />
        <Glyph mark={p.mark} x={p.x} y={p.y} r={p.reach} />
        <text class="name" x={textX} y={p.y + (tall ? -2 : 4.5)} text-anchor={anchor}>{fit(p.name, p.label - (sign ? 18 : 0), bold ? SIZE * 1.12 : SIZE)}{sign && <tspan class="sign">{sign}</tspan>}</text>
      </g>
      {tall && <text aria-hidden="true" class="below" x={textX} y={p.y + 13} text-anchor={anchor}>{p.below}</text>}
    </g>
  );
}

function Glyph({ mark, x, y, r }: { mark: NodeProps["mark"]; x: number; y: number; r: number }) {
  if (mark === "unusual") return <path class="glyph" d={`M${x} ${y - r - 2}L${x + r + 1.5} ${y + r}H${x - r - 1.5}Z`} />;
  if (mark === "cut" || mark === "owner") return <rect class="glyph" x={x - r} y={y - r} width={2 * r} height={2 * r} rx={mark === "cut" ? 1 : 3} />;
  if (mark === "others") return <path class="glyph" d={[-r, 0, r].map((dx) => `M${x + dx - 1.6} ${y}a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0 -3.2 0`).join("")} />;
  if (mark === "part") return <path class="glyph" d={`M${x - r} ${y - r}H${x + r}V${y + r}H${x - r}ZM${x} ${y - r + 1.5}V${y + r - 1.5}H${x + r - 1.5}V${y - r + 1.5}Z`} fill-rule="evenodd" />;
  return <circle class="glyph" cx={x} cy={y} r={mark === "new" ? r + 1 : r} />;
}
