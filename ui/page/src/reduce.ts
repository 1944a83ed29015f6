// The home as the stream tells it: a snapshot, then only what changed. Pure: a frame goes in, a new home comes out,
// and what a frame did not touch is the same object as before, so that nothing of it is drawn again.
import { clean, each } from "./clean.ts";
import { tidyMud } from "./mud.ts";
import type { Delta, Device, Focus, FocusDelta, FocusRow, HomeEvent, OwnerRow, PairRow, Quarantine, Snap } from "./wire.ts";

export interface Owner { id: number; name: string; source: string }
export interface Pair { device: number; owner: number; tx: number; rx: number; last: number }
export interface Endpoint {
  id: number; name: string; owner: number; port: number | null; tx: number; rx: number; last: number; first: number;
}
export interface Attention { device: number; rows: ReadonlyMap<number, Endpoint>; more: number }

export interface Home {
  seq: number;
  now: number; // the router's clock, Unix seconds
  known: boolean; // a snapshot was seen
  torn: boolean; // a frame spoke of something unknown: ask for everything
  devices: ReadonlyMap<number, Device>;
  owners: ReadonlyMap<number, Owner>;
  pairs: ReadonlyMap<string, Pair>;
  events: readonly HomeEvent[]; // newest first
  focus: Attention | null;
}

/** As many events as the router's own ring holds. */
export const MAX_EVENTS = 500;
/** Pairs silent for longer are forgotten. Seconds. */
export const PAIR_LIFE = 3600;

export const emptyHome: Home = {
  seq: 0, now: 0, known: false, torn: false,
  devices: new Map(), owners: new Map(), pairs: new Map(), events: [], focus: null,
};

export const pairKey = (device: number, owner: number) => `${device}.${owner}`;

/** Applies a snapshot: all that was known is replaced, but not the rows in focus. */
export function applySnap(home: Home, snap: Snap, now: number): Home {
  return {
    seq: snap.seq, now, known: true, torn: false, focus: home.focus,
    devices: new Map(snap.devices.map((d) => [d.id, tidyDevice(d)])),
    owners: new Map(snap.owners.map((o) => [o[0], tidyOwner(o)])),
    pairs: new Map(snap.pairs.map((p) => [pairKey(p[0], p[1]), pairOf(p, now)])),
    events: mergeEvents([], snap.events ?? []),
  };
}

/** Applies a delta. One that is not newer than the home changes nothing. */
export function applyDelta(home: Home, delta: Delta): Home {
  if (!home.known || delta.seq <= home.seq) return home;
  const next = { ...home, seq: delta.seq, now: delta.now || home.now };
  next.devices = nextDevices(next, delta);
  next.owners = nextOwners(home.owners, delta);
  next.pairs = nextPairs(next, delta);
  if (delta.ev?.length) next.events = mergeEvents(home.events, delta.ev);
  if (delta.gone?.dev?.length && delta.ev?.some((e) => e.kind === "audit")) next.torn = true; // erased: its events are gone too
  return next;
}

/** Applies the rows of the device in focus, or what changed of them. */
export function applyFocus(home: Home, frame: Focus | FocusDelta): Home {
  const same = frame.t === "fd" && home.focus?.device === frame.dev ? home.focus : null;
  if (frame.t === "fd" && !same) return home;
  const rows = new Map(same?.rows);
  for (const id of (frame.t === "fd" && frame.gone) || []) rows.delete(id);
  for (const row of frame.rows ?? []) rows.set(row[0], endpointOf(row, home.now));
  return { ...home, focus: { device: frame.dev, rows, more: frame.more ?? same?.more ?? 0 } };
}

function nextDevices(home: Home, delta: Delta): Home["devices"] {
  if (!delta.dev?.length && !delta.r?.length && !delta.gone?.dev?.length) return home.devices;
  const devices = new Map(home.devices);
  for (const id of delta.gone?.dev ?? []) devices.delete(id);
  for (const change of delta.dev ?? []) {
    const old = devices.get(change.id);
    if (!old && change.mac === undefined) home.torn = true;
    else devices.set(change.id, tidyDevice({ ...old, ...change } as Device)); // a new one comes with all its members
  }
  for (const [id, txRate, rxRate] of delta.r ?? []) {
    const old = devices.get(id);
    if (old) devices.set(id, { ...old, txRate, rxRate });
    else home.torn = true;
  }
  return devices;
}

function nextOwners(owners: Home["owners"], delta: Delta): Home["owners"] {
  if (!delta.own?.length && !delta.gone?.own?.length) return owners;
  const next = new Map(owners);
  for (const id of delta.gone?.own ?? []) next.delete(id);
  for (const row of delta.own ?? []) next.set(row[0], tidyOwner(row));
  return next;
}

function nextPairs(home: Home, delta: Delta): Home["pairs"] {
  const left = delta.gone?.dev?.length || delta.gone?.own?.length || delta.gone?.pairs?.length;
  if (!delta.p?.length && !left) return home.pairs;
  const pairs = new Map(home.pairs);
  for (const row of delta.p ?? []) pairs.set(pairKey(row[0], row[1]), pairOf(row, home.now));
  for (const [device, owner] of delta.gone?.pairs ?? []) pairs.delete(pairKey(device, owner));
  for (const [key, pair] of pairs) if (isOver(pair, home)) pairs.delete(key);
  return pairs;
}

function isOver(pair: Pair, home: Home): boolean {
  const silent = pair.tx + pair.rx === 0 && home.now - pair.last > PAIR_LIFE;
  return silent || !home.devices.has(pair.device) || !home.owners.has(pair.owner);
}

function pairOf([device, owner, tx, rx, ago]: PairRow, now: number): Pair {
  return { device, owner, tx, rx, last: now - (ago ?? 0) };
}

function endpointOf([id, name, owner, port, tx, rx, ago, first]: FocusRow, now: number): Endpoint {
  return { id, name: clean(name, 80), owner, port, tx, rx, last: now - ago, first };
}

function mergeEvents(old: readonly HomeEvent[], fresh: readonly HomeEvent[]): readonly HomeEvent[] {
  const byId = new Map(old.map((e) => [e.id, e]));
  for (const e of fresh) byId.set(e.id, { ...e, text: clean(e.text, 300) });
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, MAX_EVENTS);
}

function tidyOwner([id, name, source]: OwnerRow): Owner {
  return { id, name: clean(name) || "?", source };
}

function tidyDevice(device: Device): Device {
  return {
    ...device,
    name: clean(device.name) || device.mac,
    vendor: device.vendor && clean(device.vendor),
    kind: device.kind && clean(device.kind, 32),
    quarantine: device.quarantine && tidyQuarantine(device.quarantine),
    quarantines: each(device.quarantines, tidyQuarantine),
    exceptions: each(device.exceptions, (t) => clean(t)),
    controls: each(device.controls, (c) => clean(c, 300)),
    mappings: each(device.mappings, (m) => m),
    mud: device.mud && tidyMud(device.mud),
    findings: each(device.findings, (f) => ({ ...f, text: clean(f.text, 300), sources: each(f.sources, (s) => clean(s)) })),
    maybe: each(device.maybe, (m) => ({ ...m, name: clean(m.name) || m.mac, why: clean(m.why, 300) })),
  };
}

function tidyQuarantine(q: Quarantine): Quarantine {
  return { ...q, why: clean(q.why, 300), provider: q.provider && clean(q.provider), to: each(q.to, (t) => clean(t)) };
}
