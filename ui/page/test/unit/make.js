// Small homes for unit tests.
import { applySnap, emptyHome } from "#src/reduce.js";

export const NOW = 1_795_000_000;

export function device(id, members = {}) {
  return {
    id, mac: `02:00:00:00:00:${id.toString(16).padStart(2, "0")}`, name: `device-${id}`, nameSource: "dhcp", vendor: null,
    randomMac: false, kind: null, ignored: false, trusted: false, addresses: [], online: true,
    firstSeen: new Date((NOW - 86400 * 9 + id) * 1000).toISOString(), lastSeen: null, rxBytes: 0, txBytes: 0, rxPackets: 0,
    txPackets: 0, rxRate: 0, txRate: 0, quarantine: null, quarantines: [], exceptions: [], mappings: [], refuseMappings: false,
    held: false, contested: false, controls: [], onFinding: null, mud: null, findings: [], maybe: [], ...members,
  };
}

export const quarantine = (members = {}) => ({
  id: "q1", level: "full", source: "owner", provider: null, why: "", since: null, until: null, to: [], passedPackets: 0,
  refusedPackets: 0, refusedBytes: 0, inForce: true, ...members,
});

export const flow = (members) => ({
  device: null, remote: null, name: null, owner: null, protocol: "tcp", port: null, direction: "out", scope: "internet", peer: null,
  rxBytes: 0, txBytes: 0, first: null, last: null, state: "live", ...members,
});

export function home({ devices = [], owners = [], pairs = [], events = [] }) {
  return applySnap(emptyHome, { t: "snap", seq: 1, devices, owners, pairs, events }, NOW);
}

export const delta = (seq, members) => ({ t: "d", seq, now: NOW + seq, ...members });
