// A moment of the past, from the conversations that the router remembers: who talked to whom, and how much. Pure.
import { clean } from "./clean.ts";
import { unix } from "./format.ts";
import { pairKey, type Home, type Owner, type Pair } from "./reduce.ts";
import type { Device, Flow } from "./wire.ts";

/** A window of time and the conversations that were alive in it. Unix seconds. */
export interface Past { from: number; to: number; flows: readonly Flow[]; more: boolean }

const FIRST_ID = -1000; // of owners that nobody talks to now; below all that have a meaning

/** The home with its devices as they are, and their talk as it was. */
export function rewound(home: Home, past: Past): Home {
  const scene = new Scene(home, past);
  past.flows.forEach((flow) => scene.add(flow));
  const devices = [...home.devices.values()].filter((d) => (unix(d.firstSeen) ?? 0) <= past.to);
  return {
    ...home, focus: null, owners: scene.owners, pairs: scene.pairs,
    devices: new Map(devices.map((d) => [d.id, { ...d, online: true, txRate: 0, rxRate: 0, ...scene.rates.get(d.mac) }])),
  };
}

class Scene {
  owners: Map<number, Owner>;
  pairs = new Map<string, Pair>();
  rates = new Map<string, { txRate: number; rxRate: number }>();
  #byMac: Map<string, Device>;
  #byName: Map<string, number>;

  constructor(private home: Home, private past: Past) {
    this.owners = new Map(home.owners);
    this.#byMac = new Map([...home.devices.values()].map((d) => [d.mac, d]));
    this.#byName = new Map([...home.owners.values()].map((o) => [o.name, o.id]));
  }

  add(flow: Flow): void {
    const part = share(flow, this.past) / (this.past.to - this.past.from);
    if (part <= 0) return;
    const tx = Math.round(flow.txBytes * part);
    const rx = Math.round(flow.rxBytes * part);
    this.#rate(flow.device, tx, rx);
    if (flow.scope === "lan") this.#rate(flow.peer, rx, tx);
    const device = this.#byMac.get(flow.device ?? "");
    if (device && flow.scope === "internet") this.#pair(device.id, this.#owner(flow), tx, rx);
  }

  #rate(mac: string | null, tx: number, rx: number): void {
    if (!mac) return;
    const old = this.rates.get(mac) ?? { txRate: 0, rxRate: 0 };
    this.rates.set(mac, { txRate: old.txRate + tx, rxRate: old.rxRate + rx });
  }

  #owner(flow: Flow): number {
    const name = clean(flow.owner ?? flow.name ?? flow.remote) || "?";
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const id = FIRST_ID - this.#byName.size;
    this.#byName.set(name, id);
    this.owners.set(id, { id, name, source: flow.ownerSource ?? "" });
    return id;
  }

  #pair(device: number, owner: number, tx: number, rx: number): void {
    const key = pairKey(device, owner);
    const old = this.pairs.get(key);
    this.pairs.set(key, { device, owner, tx: tx + (old?.tx ?? 0), rx: rx + (old?.rx ?? 0), last: this.home.now });
  }
}

// How much of a flow's life lies in the window: its bytes are taken to have come evenly.
function share(flow: Flow, { from, to }: Past): number {
  const first = unix(flow.first);
  const last = unix(flow.last);
  if (first === null || last === null || first > to || last < from) return 0;
  const life = Math.max(last - first, 1);
  return Math.min(1, (Math.min(to, first + life) - Math.max(from, first)) / life);
}
