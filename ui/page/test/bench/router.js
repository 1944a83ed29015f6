// A make-believe router for benchmarks: it serves the built page and a WebSocket from a process of its own, as a router
// would, with a home of 60 devices and 3,000 endpoints of 220 parties. What it sends is counted.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const DIST = new URL("../../dist/", import.meta.url).pathname;
const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };
const DEVICES = 60, PARTIES = 220, PAIRS = 3200, KINDS = ["phone", "laptop", "tv", "camera", "light", "plug", "sensor", null];

let seed = 7;
const chance = (n) => { seed = (seed * 1103515245 + 12345) % 2 ** 31; return Math.floor((seed / 2 ** 31) * n); };

export class BusyRouter {
  seq = 1;
  now = Math.floor(Date.now() / 1000);
  bytes = 0; // of all frames so far
  socket = null;

  constructor() {
    const since = new Date((this.now - 9 * 86400) * 1000).toISOString();
    this.devices = Array.from({ length: DEVICES }, (_, i) => ({
      id: i + 1, mac: `02:00:00:00:00:${(i + 1).toString(16).padStart(2, "0")}`, name: `device-${i + 1}`, nameSource: "dhcp", vendor: null, randomMac: true,
      kind: KINDS[i % KINDS.length], ignored: false, trusted: false, addresses: [`192.168.1.${100 + i}`], online: true, firstSeen: since, lastSeen: since,
      rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0, rxRate: 0, txRate: 0, quarantine: null, quarantines: [], exceptions: [], mappings: [],
      refuseMappings: false, held: false, contested: false, mud: null, findings: [],
    }));
    this.owners = Array.from({ length: PARTIES }, (_, i) => [i + 1, `party-${i + 1}.example`, "domain"]);
    const pairs = new Set();
    while (pairs.size < PAIRS) pairs.add(`${1 + chance(DEVICES)}.${1 + chance(PARTIES)}`);
    this.pairs = [...pairs].map((key) => [...key.split(".").map(Number), chance(5000), chance(90000), chance(600)]);
  }

  async start() {
    this.server = createServer((request, response) => void this.#answer(request, response));
    this.server.on("upgrade", (request, socket) => this.#greet(request, socket));
    await new Promise((ready) => this.server.listen(0, "127.0.0.1", ready));
    return `http://127.0.0.1:${this.server.address().port}/`;
  }

  close() {
    this.socket?.destroy();
    this.server.close();
    this.server.closeAllConnections();
  }

  async #answer(request, response) {
    const path = new URL(request.url, "http://localhost").pathname;
    const known = { "/api/v1/session": { user: "owner", role: "owner", setup: false, login: false }, "/api/v1/flows": { flows: [], more: false }, "/api/v1/status": status }[path];
    if (known) return response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(known));
    const name = path === "/" ? "index.html" : path.slice(1);
    const body = /^[\w/.-]+$/.test(name) && !name.includes("..") ? await readFile(`${DIST}${name}.gz`).catch(() => null) : null;
    if (!body) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[name.split(".").pop()], "Content-Encoding": "gzip" }).end(body);
  }

  // RFC 6455 section 4.2.2. What the page says is not listened to: it has one wish, everything.
  #greet(request, socket) {
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: spinneret.v1\r\n\r\n`);
    socket.on("data", () => {});
    socket.on("error", () => {});
    this.socket = socket;
    this.#send({ t: "hello", v: 1, epoch: "e1", seq: this.seq, now: this.now, hz: 10, me: null });
    this.#send({ t: "snap", seq: this.seq, devices: this.devices, owners: this.owners, pairs: this.pairs, events: [] });
  }

  // RFC 6455 section 5.2: one text frame, not masked.
  #send(frame) {
    const body = Buffer.from(JSON.stringify(frame));
    const head = body.length < 126 ? Buffer.from([0x81, body.length])
      : body.length < 65536 ? Buffer.from([0x81, 126, body.length >> 8, body.length & 255])
      : Buffer.concat([Buffer.from([0x81, 127]), Buffer.from(BigInt(body.length).toString(16).padStart(16, "0"), "hex")]);
    this.bytes += head.length + body.length;
    this.socket.write(Buffer.concat([head, body]));
  }

  /** A tenth of a second passes: one pair in fifty and a third of the devices change, a party comes and one goes. */
  update() {
    this.seq++;
    this.now += 0.1;
    const born = PARTIES + this.seq;
    const p = Array.from({ length: PAIRS / 50 }, () => [...this.pairs[chance(PAIRS)].slice(0, 2), chance(99) * 1000, chance(99) * 30000]);
    const r = Array.from({ length: DEVICES / 3 }, () => [1 + chance(DEVICES), chance(99) * 1000, chance(99) * 90000]);
    const ev = this.seq % 10 ? undefined : [{ id: this.seq, time: null, kind: "device", severity: "note", device: null, text: `event ${this.seq}`, cause: null, undo: null }];
    this.#send({
      t: "d", seq: this.seq, now: Math.floor(this.now), r, p: [...p, [1 + chance(DEVICES), born, 10, 10]],
      own: [[born, `party-${born}.example`, "domain"]], gone: { own: [born - 20] }, ev,
    });
  }
}

const status = {
  version: "0", now: null, clockSet: true, started: null, level: 3, levels: [], lan: [], wan: [], devices: { known: DEVICES, online: DEVICES, quarantined: 0 },
  stores: [], losses: [], blindSpots: [], firewall: { state: "applied", at: null, error: null }, providers: [],
};
