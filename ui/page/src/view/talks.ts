// Who a device talks to, by name, from what the page already knows.
import { clean } from "../clean.ts";
import { others } from "../lines.ts";
import { OTHERS } from "../seats.ts";
import { byMac, home, isSeated, past, peers, seats } from "../state.ts";
import type { Pair } from "../reduce.ts";
import type { Device } from "../wire.ts";
import { unix } from "../format.ts";
import { otherOf, tried } from "../parties.ts";
import { text } from "../text.ts";

const NOW = 60; // seconds: as long as a line is drawn

// The pairs of the last hour that are asked for, busiest first, then latest.
const pairs = (wanted: (p: Pair) => boolean) =>
  [...home.value.pairs.values()].filter(wanted).sort((a, b) => b.tx + b.rx - a.tx - a.rx || b.last - a.last);

/** Those of a device. */
export const pairsOf = (device: number) => pairs((p) => p.device === device);

/** Those of an owner, or of all owners without a place of their own. */
export const pairsWith = (owner: number) => pairs((p) => (owner === OTHERS ? !isSeated(p.owner) : p.owner === owner));

/** What an owner is called; of those without a place of their own, how many they are. */
export const ownerName = (id: number): string =>
  id === OTHERS ? text.map.others(others(home.value, new Set(seats.value.seated)).owners) : (home.value.owners.get(id)?.name ?? "?");

const isNow = (p: Pair) => p.tx + p.rx > 0 || home.value.now - p.last <= NOW;

/** The devices of the home that this one talks to, by what it exchanged with them. */
export function neighbours(device: Device): { mac: string; device: Device | undefined; bytes: number; last: number }[] {
  const found = new Map<string, { mac: string; device: Device | undefined; bytes: number; last: number }>();
  for (const flow of past.value?.flows ?? peers.value.get(device.id) ?? []) {
    if (tried(flow) || (flow.device !== device.mac && flow.peer !== device.mac)) continue;
    const mac = flow.scope === "lan" ? otherOf(flow, device.mac) : null;
    if (!mac || mac === device.mac) continue;
    const row = found.get(mac) ?? { mac, device: byMac(mac), bytes: 0, last: 0 };
    row.bytes += flow.rxBytes + flow.txBytes;
    row.last = Math.max(row.last, unix(flow.last) ?? 0);
    found.set(mac, row);
  }
  return [...found.values()].sort((a, b) => b.bytes - a.bytes);
}

/** Whom a device that is cut off tries to reach all the same, by name, latest first. */
export function attempts(device: Device): string[] {
  const flows = past.value ? [] : (peers.value.get(device.id) ?? []).filter(tried);
  return [...new Set(flows.map((f) => clean(f.asked ?? f.name ?? byMac(f.peer)?.name ?? f.remote ?? f.peer, 80)))];
}

/** With whom a device went beyond what its maker allows, by name. */
export const beyondOf = (device: Device): string[] =>
  past.value ? [] : (device.mud?.beyond ?? []).map((b) => b.owner ?? byMac(b.peer)?.name ?? b.peer ?? "?");

/** That in words, with whether it was let through; "" for nobody. */
export function beyondWords(device: Device): string {
  const names = beyondOf(device);
  return names.length ? text.mud.beyond(names.join(", "), device.mud?.mode === "enforce") : "";
}

/** Names of the owners that a device talked to in the last minute. */
export const ownersNow = (device: number): string[] =>
  pairsOf(device).filter(isNow).map((p) => ownerName(p.owner));
