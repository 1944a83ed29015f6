// Who a device exchanges anything with, from its flows: what would stop, and who in the home depends on it. Pure.
import { clean } from "./clean.ts";
import type { Device, Flow } from "./wire.ts";

export interface Party {
  key: string;
  name: string;
  home: boolean; // a device of the home
  bytes: number;
  to: string[]; // the targets that stop it
}

/** Finds a device by its MAC. */
export type Who = (mac: string) => Device | undefined;

export type Use = "print" | "files" | "names" | "reports" | "play" | "other";

/** Whether a flow is what a device that is cut off only tried: nothing of it passed. */
export const tried = (flow: Flow) => flow.state === "refused" && flow.direction === "out";

/** The other end of a flow inside the home: a flow may be told from either side. */
export const otherOf = (flow: Flow, mac: string) => (flow.peer === mac ? flow.device : flow.peer);

/** The parties of a device: owners on the internet and devices of the home, by what was exchanged. */
export function parties(flows: readonly Flow[], mac: string, who: Who): Party[] {
  const found = new Map<string, Party>();
  for (const flow of flows) {
    const fresh = partyOf(flow, mac, who);
    if (!fresh) continue;
    const party = found.get(fresh.key) ?? fresh;
    if (party !== fresh) party.to = [...new Set([...party.to, ...fresh.to])];
    party.bytes += flow.rxBytes + flow.txBytes;
    found.set(fresh.key, party);
  }
  return [...found.values()].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

function partyOf(flow: Flow, mac: string, who: Who): Party | null {
  if (flow.scope === "internet" && flow.remote) {
    const name = clean(flow.owner ?? flow.name ?? flow.remote) || "?";
    return { key: name, name, home: false, bytes: 0, to: [targetOf(flow.remote, flow)] };
  }
  const other = flow.scope === "lan" ? otherOf(flow, mac) : null;
  if (!other || other === mac) return null;
  return { key: other, name: who(other)?.name ?? other, home: true, bytes: 0, to: who(other)?.addresses ?? [] };
}

// The far end of a flow as a target. Its port is a service's only where the device began.
function targetOf(remote: string, flow: Flow): string {
  const port = flow.direction === "out" && flow.port !== null ? `:${flow.port}` : "";
  const address = port && remote.includes(":") ? `[${remote}]` : remote;
  const known = ["tcp", "udp", "icmp", "icmpv6"].includes(flow.protocol);
  return `${address}${port}${known ? `/${flow.protocol}` : ""}`;
}

const USES: Record<number, Use> = {
  515: "print", 631: "print", 9100: "print", 139: "files", 445: "files", 548: "files", 2049: "files", 53: "names",
  1883: "reports", 8883: "reports", 8123: "reports", 7000: "play", 8008: "play", 8009: "play",
};

/** The devices of the home that began something with this one, by what they use it for. */
export function dependants(flows: readonly Flow[], mac: string): Map<Use, string[]> {
  const uses = new Map<string, Set<Use>>();
  for (const flow of flows) {
    const other = flow.scope === "lan" ? otherOf(flow, mac) : null;
    const asked = (flow.device === mac) === (flow.direction === "in");
    if (!other || other === mac || !asked) continue;
    uses.set(other, (uses.get(other) ?? new Set()).add(USES[flow.port ?? 0] ?? "other"));
  }
  const found = new Map<Use, string[]>();
  for (const [other, all] of uses) {
    if (all.size > 1) all.delete("other");
    for (const use of all) found.set(use, [...(found.get(use) ?? []), other]);
  }
  return found;
}
