import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { pick } from "../actions.ts";
import { MAX_ROWS } from "../fold.ts";
import type { Plan } from "../layout.ts";
import { cursor, lookingBack, mapped, mapPlan, opened, picked, shown, size, view } from "../state.ts";
import { text } from "../text.ts";
import { kindName, openKind } from "./kinds.ts";
import { Legend, Lines } from "./maplines.tsx";
import { DeviceNodes, OwnerNodes } from "./mapnodes.tsx";

const LEAST_HEIGHT = 420;
const BELOW = 108; // pixels for the legend, the way into the past and the page's edge
const TRACK = 96; // pixels more when that way is open

/** The two-sided map: the home on the left, who it talks to on the right. */
export function HomeMap() {
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => watchSize(frame.current!), []); // before it is painted, or saved
  const p = mapPlan.value;
  return (
    <section class="card map">
      <div ref={frame} class="frame">
        <svg
          role="group" aria-label={text.map.label} width={p.width} height={p.height}
          viewBox={`0 0 ${p.width} ${p.height}`} class={p.step < 26 ? "tight" : ""}
          onKeyDown={(event) => move(event, p)} onClick={leave}
        >
          <Titles plan={p} />
          <Lines plan={p} />
          <OwnerNodes plan={p} />
          <DeviceNodes plan={p} />
        </svg>
      </div>
      <More />
      <Legend />
    </section>
  );
}

// A click beside everything looks at the whole home again.
function leave(event: MouseEvent) {
  if (event.target === event.currentTarget && picked.value) pick(null);
}

// What does not stand on the map by itself, and the way to fold what was unfolded.
function More() {
  const missing = shown.value.length - mapped.value.reduce((n, r) => n + r.members.length, 0);
  const open = shown.value.length > MAX_ROWS ? [...opened.value] : [];
  if (missing === 0 && open.length === 0) return null;
  return (
    <p class="toomany">
      {open.map((kind) => <button key={kind} class="small" onClick={() => openKind(kind, false)}>{text.map.fold(kindName(kind))}</button>)}
      {missing > 0 && <button class="small" onClick={() => (view.value = "table")}>{text.map.more(missing)}</button>}
    </p>
  );
}

function Titles({ plan: p }: { plan: Plan }) {
  return (
    <g class={picked.value ? "titles dim" : "titles"} aria-hidden="true">
      <text x={p.leftX} y={22} text-anchor="end">{text.title}</text>
      <text x={p.rightX} y={22}>{text.map.internet}</text>
      {p.headings.map((h) => (
        <text key={h.kind} class="kind" x={p.leftX} y={h.y - 2} text-anchor="end">{kindName(h.kind)}</text>
      ))}
    </g>
  );
}

function watchSize(frame: HTMLElement): () => void {
  const touch = matchMedia("(pointer: coarse)");
  const measure = () => {
    const top = frame.getBoundingClientRect().top + scrollY;
    const height = Math.max(LEAST_HEIGHT, innerHeight - top - BELOW - (lookingBack.value ? TRACK : 0));
    const now = { width: Math.max(frame.clientWidth, 480), height: Math.floor(height), touch: touch.matches };
    const old = size.peek();
    if (old.width !== now.width || old.height !== now.height || old.touch !== now.touch) size.value = now;
  };
  const watch = new ResizeObserver(measure);
  watch.observe(frame);
  window.addEventListener("resize", measure);
  const stop = effect(measure);
  return () => {
    stop();
    watch.disconnect();
    window.removeEventListener("resize", measure);
  };
}

// Arrow keys: up and down along one side, left and right to the nearest node of the other.
function move(event: KeyboardEvent, p: Plan) {
  const here = (event.target as Element).getAttribute("data-node") ?? "";
  const [side, id] = here.split(".");
  if (!side || !id) return;
  const to = target(event.key, side === "owner" ? p.right : p.left, side === "owner" ? p.left : p.right, Number(id));
  if (to === undefined) return;
  event.preventDefault();
  const other = event.key === "ArrowLeft" || event.key === "ArrowRight";
  const next = `${(side !== "owner") === other ? "owner" : to < -1 ? "kind" : "device"}.${to}`;
  cursor.value = next;
  (event.currentTarget as Element).querySelector<SVGElement>(`[data-node="${next}"]`)?.focus();
}

function target(key: string, own: Plan["left"], other: Plan["left"], id: number): number | undefined {
  const at = own.findIndex((place) => place.id === id);
  if (key === "ArrowDown") return own[Math.min(at + 1, own.length - 1)]?.id;
  if (key === "ArrowUp") return own[Math.max(at - 1, 0)]?.id;
  if (key === "Home") return own[0]?.id;
  if (key === "End") return own[own.length - 1]?.id;
  const here = own[at];
  const there = other[0];
  if (!here || !there || key !== (here.x < there.x ? "ArrowRight" : "ArrowLeft")) return undefined;
  return [...other].sort((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y))[0]?.id;
}
