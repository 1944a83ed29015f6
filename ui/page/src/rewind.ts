// A moment of the past, from the conversations that the router remembers: who talked to whom, and how much. Pure.
import { clean } from "./clean.ts";
import { unix } from "./format.ts";
import { pairKey, type Home, type Pair } from "./reduce.ts";
import { lifeOf, shareOf } from "./series.ts";
import type { Flow, Then } from "./wire.ts";

/** A window of time and the conversations that were alive in it. Unix seconds. */
export interface Past { from: number; to: number; flows: readonly Flow[]; more: boolean; then: Then | null }

const FIRST_ID = -1000; // of owners that nobody talks to now; below all that have a meaning

/** The home with its devices as they are, and their talk as it was. */
export function rewound(home: Home, past: Past): Home {
  const { rates, talks } = sumsOf(past);
  const owners = new Map(home.owners);
  const byName = new Map([...home.owners.values()].map((o) => [o.name, o.id]));
  const byMac = new Map([...home.devices.values()].map((d) => [d.mac, d.id]));
  const pairs = new Map<string, Pair>();
  talks.forEach((talk, i) => {
    const device = byMac.get(talk.mac);
    if (device === undefined) return;
    const owner = byName.get(talk.owner) ?? FIRST_ID - i;
    if (!byName.has(talk.owner)) owners.set(owner, { id: owner, name: talk.owner, source: talk.source });
    byName.set(talk.owner, owner);
    pairs.set(pairKey(device, owner), { device, owner, tx: talk.tx, rx: talk.rx, last: home.now });
  });
  const devices = [...home.devices.values()].filter((d) => (unix(d.firstSeen) ?? 0) <= past.to);
  return {
    ...home, focus: null, owners, pairs,
    devices: new Map(devices.map((d) => [d.id, { ...d, online: true, ...(rates.get(d.mac) ?? still) }])),
  };
}

const still = { txRate: 0, rxRate: 0 };

interface Talk { mac: string; owner: string; source: string; tx: number; rx: number }
interface Sums { rates: Map<string, { txRate: number; rxRate: number }>; talks: Talk[] }

const known = new WeakMap<Past, Sums>(); // the present goes on meanwhile, four times a second: thousands of flows are added up once

function sumsOf(past: Past): Sums {
  const found = known.get(past) ?? addUp(past);
  known.set(past, found);
  return found;
}

function addUp(past: Past): Sums {
  const rates: Sums["rates"] = new Map();
  const talks = new Map<string, Talk>();
  const rate = (mac: string | null, tx: number, rx: number) => {
    if (!mac) return;
    const old = rates.get(mac) ?? still;
    rates.set(mac, { txRate: old.txRate + tx, rxRate: old.rxRate + rx });
  };
  for (const flow of past.flows) {
    const life = lifeOf(flow);
    const part = life ? shareOf(life, past.from, past.to) / (past.to - past.from) : 0;
    if (part === 0) continue;
    const [tx, rx] = [Math.round(flow.txBytes * part), Math.round(flow.rxBytes * part)];
    rate(flow.device, tx, rx);
    if (flow.scope === "lan") rate(flow.peer, rx, tx);
    if (!flow.device || flow.scope !== "internet") continue;
    const owner = clean(flow.owner ?? flow.name ?? flow.remote) || "?";
    const key = `${flow.device} ${owner}`;
    const talk = talks.get(key) ?? { mac: flow.device, owner, source: flow.ownerSource ?? "", tx: 0, rx: 0 };
    talks.set(key, { ...talk, tx: talk.tx + tx, rx: talk.rx + rx });
  }
  return { rates, talks: [...talks.values()] };
}
