// The objects of the contract, as the make-believe home has them, and what it remembers.
/** The parties that the twelve talk to. */
export const OWNERS = ["Streamly", "video.example", "cam.example.net", "time.example", "phone.example", "work.example",
  "update.example", "mail.example", "photos.example", "music.example", "weather.example", "news.example"];

/** A home of twelve: [name, kind, traffic up, traffic down, owners]. */
export const TWELVE = [
  ["Anna's phone", "phone", 4200, 38000, [0, 4, 7, 8, 9, 11]],
  ["Tom's phone", "phone", 900, 2100, [4, 7, 11]],
  ["Kitchen tablet", "tablet", 0, 0, [10]],
  ["Work laptop", "computer", 61000, 240000, [5, 7, 6]],
  ["Living-room TV", "tv", 21000, 2400000, [0, 1]],
  ["Radio", "speaker", 1200, 24000, [9]],
  ["Front-door camera", "camera", 910000, 12000, [2, 3]],
  ["Garden camera", "camera", 310000, 6000, [2, 3]],
  ["Printer", "printer", 120, 90, [6]],
  ["Heating hub", "hub", 300, 210, [10, 3]],
  ["Hall light", "light", 60, 40, [3]],
  ["Old phone", "phone", 0, 0, []],
];

/** A Unix time as the contract has it. */
export const iso = (unix) => new Date(unix * 1000).toISOString().replace(".000Z", "Z");

/** A quarantine as the contract has it. */
export const cut = (members) => ({
  id: "q1", level: "full", source: "owner", provider: null, since: null, until: null, passedPackets: 0, refusedPackets: 37,
  refusedBytes: 4100, inForce: true, ...members, why: members?.why ?? "", to: members?.to ?? [], until: members?.until ?? null,
});

/** A flow as the contract has it. */
export const flow = (members) => ({
  device: null, remote: null, name: null, nameSource: null, owner: null, ownerSource: null, protocol: "tcp", devicePort: 41234,
  remotePort: members.port, port: null, direction: "out", scope: "internet", peer: null, outside: null, rxBytes: 0, txBytes: 0,
  rxPackets: 1, txPackets: 1, first: null, last: null, state: "live", ...members,
});

/** What a provider asks for, as the contract has it. */
export const wish = (members) => ({
  id: "r1", provider: "isp", mid: 56, received: null, ends: null, state: "asking", policy: "ask", source: ["203.0.113.20:40321"],
  target: ["198.51.100.7:53/udp"], devices: [], why: "", droppedPackets: 0, droppedBytes: 0, efficacy: null, legitimate: false, ...members,
});

/** A problem as the contract has it. */
export const problem = (status, code, detail, more = {}) => ({ type: `urn:spinneret:${code}`, title: "x", status, detail, ...more });

/** A device without a maker's description. */
export const noMud = {
  url: null, state: "none", mode: "off", policy: [], violations: 0, problems: [], source: null, file: false, systemInfo: null, signedBy: null,
  fetched: null, expires: null, approvals: [], recent: [], beyond: [], uses: [], usesSince: null, strict: false,
};

/** What becomes of a maker's description by one request. */
export function nextMud(now, method, body) {
  if (method === "DELETE") return noMud;
  if (method === "POST") return { ...now, state: body.approve ? "active" : "failed", approvals: [] };
  if (body?.strict !== undefined) return { ...now, strict: body.strict };
  if (body?.url) return { ...noMud, url: body.url, state: "fetching", mode: "enforce", source: "owner" };
  if (body?.mode && !body.file) return { ...now, mode: body.mode };
  return body?.file ? { ...noMud, file: true, state: "active", mode: "enforce", source: "owner", policy: Object.keys(body.file), ...(body.mode && { mode: body.mode }) } : now;
}

/** Ended flows of a home, or their sums in steps: `home.past` has flows, `home.bucket` gives [rx, tx] for a Unix time. */
export function pastOf(home, query) {
  const [from, to] = ["from", "to"].map((name) => Date.parse(query.get(name)) / 1000);
  const [step, mac] = [parseInt(query.get("step"), 10), query.get("device")];
  if (!step) return { flows: home.past.filter((f) => (!mac || f.device === mac || f.peer === mac) && Date.parse(f.first) / 1000 <= to && Date.parse(f.last) / 1000 >= from), more: false };
  const ats = Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
  return { buckets: ats.map((at) => { const [rxBytes, txBytes] = home.bucket(at, step); return { at: iso(at), rxBytes, txBytes }; }) };
}

/** The flows of a device: one for each of its pairs, and those that a test added. */
export function flowsOf(home, mac) {
  const made = home.pairs.filter((p) => home.devices[p[0] - 1].mac === mac).map(([, owner, tx, rx], i) => flow({
    device: mac, remote: `198.51.100.${owner}`, owner: home.owners[owner - 1][1], protocol: "tcp", port: 443,
    rxBytes: 100 * rx, txBytes: 100 * tx, first: iso(home.now - 100 - i), last: iso(home.now - i),
    name: `edge-${i}.${home.owners[owner - 1][1]}`, nameSource: ["sni", "dns", null][i % 3], ownerSource: "domain",
  }));
  return [...made, ...home.flows.filter((f) => f.device === mac || f.peer === mac)];
}
