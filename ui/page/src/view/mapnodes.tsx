import { rate } from "../format.ts";
import type { Row } from "../fold.ts";
import type { Place, Plan } from "../layout.ts";
import type { Mark } from "../mark.ts";
import { isGrey, OTHERS } from "../seats.ts";
import { cursor, drawn, home, isSeated, mapped, markIs, matches, picked, query, seats } from "../state.ts";
import { text } from "../text.ts";
import { kindName, openKind } from "./kinds.ts";
import { Node } from "./mapnode.tsx";
import { beyondWords, ownerName } from "./talks.ts";

/** The devices, on the left. */
export function DeviceNodes({ plan }: { plan: Plan }) {
  const near = reached();
  const groups = new Map(mapped.value.flatMap((r) => (r.members.length > 1 ? [[r.id, r] as const] : [])));
  return (
    <g>
      {plan.left.map((place) => {
        const group = groups.get(place.id);
        return group
          ? <KindNode key={place.id} plan={plan} place={place} near={near} group={group} />
          : <DeviceNode key={place.id} plan={plan} place={place} near={near} />;
      })}
    </g>
  );
}

// Several calm devices of a kind in one place; a click gives each its own.
function KindNode({ plan, place, near, group }: { plan: Plan; place: Place; near: Near | null; group: Row }) {
  const members = group.members.map((d) => home.value.devices.get(d.id) ?? d);
  const sum = rate(members.reduce((all, d) => all + d.rxRate + d.txRate, 0));
  const name = `${kindName(group.kind)} (${members.length})`;
  return (
    <Node
      what="kind" {...place} step={plan.step} label={plan.label} name={name} below={sum} mark="many" reach={5}
      spoken={`${kindName(group.kind)}, ${text.devices(members.length)}, ${sum}`} open={() => openKind(group.kind, true)}
      dim={(near !== null && !near.devices.has(place.id)) || !members.some((d) => matches(d, query.value))}
      quiet={false} stop={stops("kind", place.id, plan.left[0]?.id)}
    />
  );
}

function DeviceNode({ plan, place, near }: { plan: Plan; place: Place; near: Near | null }) {
  const device = home.value.devices.get(place.id)!;
  const mark = markIs(device.id);
  const sum = device.rxRate + device.txRate;
  return (
    <Node
      what="device" {...place} step={plan.step} label={plan.label} name={device.name} below={below(mark, rate(sum))}
      spoken={[`${device.name}, ${text.mark[mark]}, ${rate(sum)}`, beyondWords(device)].filter(Boolean).join(". ")} mark={mark} reach={radius(sum)}
      dim={(near !== null && !near.devices.has(device.id)) || !matches(device, query.value)}
      quiet={mark === "offline"} stop={stops("device", device.id, plan.left[0]?.id)}
    />
  );
}

function below(mark: Mark, now: string): string {
  if (mark === "normal") return now;
  return mark === "cut" || mark === "held" || mark === "offline" ? text.mark[mark] : `${text.mark[mark]} · ${now}`;
}

// The radius of a device's mark: three pixels more from idle to a megabyte a second.
const radius = (now: number) => 4.5 + Math.min(3, Math.max(0, Math.log10(Math.max(now, 1)) - 2) * 0.75);

/** The owners with a seat, on the right, and the sum of the others. */
export function OwnerNodes({ plan }: { plan: Plan }) {
  const near = reached();
  const sums = sumsOf();
  return <g>{plan.right.map((place) => <OwnerNode key={place.id} plan={plan} place={place} near={near} sum={sums.get(place.id)} />)}</g>;
}

interface Sum { devices: Set<number>; rate: number }

function OwnerNode({ plan, place, near, sum }: { plan: Plan; place: Place; near: Near | null; sum: Sum | undefined }) {
  const rest = place.id === OTHERS;
  const name = ownerName(place.id);
  const now = rate(sum?.rate ?? 0);
  const sought = name.toLowerCase().includes(query.value.trim().toLowerCase());
  return (
    <Node
      what="owner" {...place} step={plan.ownerStep} label={plan.label} name={name} below={now}
      spoken={`${name}, ${text.devices(sum?.devices.size ?? 0)}, ${now}`} mark={rest ? "others" : "owner"} reach={5}
      dim={(near !== null && !near.owners.has(place.id)) || !sought}
      quiet={!rest && isGrey(place.id, home.value)} stop={stops("owner", place.id, undefined)}
    />
  );
}

// What each place on the right adds up to.
function sumsOf(): Map<number, Sum> {
  const sums = new Map<number, Sum>();
  for (const p of home.value.pairs.values()) {
    const id = isSeated(p.owner) ? p.owner : OTHERS;
    const sum = sums.get(id) ?? { devices: new Set(), rate: 0 };
    sum.devices.add(p.device);
    sum.rate += p.tx + p.rx;
    sums.set(id, sum);
  }
  return sums;
}

interface Near { devices: Set<number>; owners: Set<number> }

// Nodes at the end of a drawn line of what is picked; null while nothing is.
function reached(): Near | null {
  const at = picked.value;
  if (!at) return null;
  const near: Near = { devices: new Set(), owners: new Set() };
  (at.what === "device" ? near.devices : near.owners).add(at.id);
  for (const l of drawn.value) {
    if ((at.what === "device" ? l.device : l.owner) !== at.id) continue;
    near.devices.add(l.device);
    near.owners.add(l.owner);
  }
  return near;
}

// The map is one tab stop: the node that the arrow keys came to last, or the first device.
function stops(what: string, id: number, first: number | undefined): boolean {
  const [side, number] = cursor.value.split(".");
  const at = Number(number);
  const alive = side !== "owner" ? mapped.value.some((r) => r.id === at) : at === OTHERS || seats.value.seated.includes(at);
  return side && alive ? cursor.value === `${what}.${id}` : what !== "owner" && id === first;
}
