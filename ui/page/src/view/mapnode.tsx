import { pick } from "../actions.ts";
import { fit, widthOf } from "../format.ts";
import { SHAPE, type Mark } from "../mark.ts";
import { cursor, hovered, picked, type Picked } from "../state.ts";

const TWO_LINES = 31; // pixels of a row from which a second line stands under the name
const SIZE = 13; // of a name, pixels
const SMALL = 11.5; // of the second line
const BOLD = 1.12; // how much wider bold text is

interface Props {
  what: "device" | "kind" | "owner"; id: number;
  x: number; y: number; step: number; label: number; // the mark's place, the row's height and the label's room
  name: string; below: string; spoken: string;
  mark: Mark | "owner" | "others" | "many"; reach: number; // reach: the mark's radius
  dim: boolean; quiet: boolean;
  stop: boolean; // the tab key stops here
  open?: () => void; // of several devices in one place: gives each its own
}

/** One node of the map: a mark, a name, and where there is room a second line. */
export function Node(p: Props) {
  const chosen = picked.value?.what === p.what && picked.value.id === p.id;
  const classes = ["node", p.what, p.mark, p.dim && "dim", p.quiet && "quiet", chosen && "chosen"];
  const at: Picked = p.what === "kind" ? null : { what: p.what, id: p.id };
  const toggle = () => (p.open ? p.open() : pick(chosen ? null : at));
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle();
  };
  return (
    <g class={classes.filter(Boolean).join(" ")}>
      <g
        role="button" tabindex={p.stop ? 0 : -1} data-node={`${p.what}.${p.id}`} aria-label={p.spoken} aria-pressed={p.open ? undefined : chosen} aria-expanded={p.open ? false : undefined}
        onClick={toggle} onKeyDown={onKey} onFocus={() => (cursor.value = `${p.what}.${p.id}`)}
        onPointerEnter={() => (hovered.value = at)} onPointerLeave={() => (hovered.value = null)}
      >
        <Field {...p} />
        <Glyph mark={p.mark} x={p.x} y={p.y} r={p.reach} />
        <Label {...p} bold={chosen || p.mark === "unusual"} />
      </g>
      <Second {...p} />
    </g>
  );
}

const beside = (p: Props) => (p.what !== "owner" ? { x: p.x - 14, "text-anchor": "end" as const } : { x: p.x + 14 });

// The second line; in a tight row it stands at the map's edge, if the name leaves it room.
function Second(p: Props) {
  const end = p.what !== "owner" ? { x: p.x - 14 - p.label } : { x: p.x + 14 + p.label, "text-anchor": "end" as const };
  if (p.step >= TWO_LINES) return <text aria-hidden="true" class="below" {...beside(p)} y={p.y + 13}>{p.below}</text>;
  if (p.what !== "owner" && widthOf(p.name, SIZE) + widthOf(p.below, SMALL) + 14 > p.label) return null;
  return <text aria-hidden="true" class="below" {...end} y={p.y + 4.5}>{p.below}</text>;
}

// What a finger or a pointer can hit: the mark and its label.
function Field(p: Props) {
  const height = Math.min(p.step, 44) - 1;
  const x = p.what !== "owner" ? p.x - p.label - 22 : p.x - 10;
  return <rect class="hit" x={x} y={p.y - height / 2} width={p.label + 32} height={height} rx="8" />;
}

function Label(p: Props & { bold: boolean }) {
  const tall = p.step >= TWO_LINES;
  const sign = p.what === "device" && !tall && p.mark !== "normal" ? ` ${SHAPE[p.mark as Mark]}` : "";
  const room = p.what === "owner" && !tall ? widthOf(p.below, SMALL) + 14 : sign ? 18 : 0; // the second line of an owner is its rate
  const name = fit(p.name, p.label - room, p.bold ? SIZE * BOLD : SIZE);
  return (
    <text class="name" {...beside(p)} y={p.y + (tall ? -2 : 4.5)}>
      {name}
      {sign && <tspan class="sign">{sign}</tspan>}
    </text>
  );
}

function Glyph({ mark, x, y, r }: { mark: Props["mark"]; x: number; y: number; r: number }) {
  if (mark === "unusual") return <path class="glyph" d={`M${x} ${y - r - 2}L${x + r + 1.5} ${y + r}H${x - r - 1.5}Z`} />;
  if (mark === "others" || mark === "many") return <path class="glyph" d={[-r, 0, r].map((dx) => dot(x + dx, y)).join("")} />;
  if (mark === "part") return <Half x={x} y={y} r={r} />;
  if (mark === "held") return <path class="glyph" d={`M${x} ${y - r - 1.5}l${r + 1.5} ${r + 1.5}l${-r - 1.5} ${r + 1.5}l${-r - 1.5} ${-r - 1.5}Z`} />;
  if (mark === "cut" || mark === "owner") {
    return <rect class="glyph" x={x - r} y={y - r} width={2 * r} height={2 * r} rx={mark === "cut" ? 1 : 3} />;
  }
  return <circle class="glyph" cx={x} cy={y} r={mark === "new" ? r + 1 : r} />;
}

// A square, one half of it filled; nothing shows through the other.
function Half({ x, y, r }: { x: number; y: number; r: number }) {
  const whole = box(x - r, y - r, 2 * r, 2 * r);
  return (
    <>
      <path class="hole" d={whole} />
      <path class="glyph" fill-rule="evenodd" d={whole + box(x, y - r + 1.5, r - 1.5, 2 * r - 3)} />
    </>
  );
}

const dot = (x: number, y: number) => `M${x - 1.6} ${y}a1.6 1.6 0 1 0 3.2 0a1.6 1.6 0 1 0 -3.2 0`;
const box = (x: number, y: number, w: number, h: number) => `M${x} ${y}h${w}v${h}h${-w}Z`;
