// A make-believe home that speaks the contract. A test changes its state and looks at what the page makes of it.
import { atDoor } from "./gate.js";
import { OWNERS, TWELVE, cut, flowsOf, iso, nextMud, noMud, pastOf, problem, wish } from "./objects.js";
export { cut, flow, wish } from "./objects.js";

export class FakeHome {
  constructor({ count = 12, now = Math.floor(Date.now() / 1000), kinds = true } = {}) {
    this.now = now;
    this.epoch = "e1";
    this.seq = 1;
    this.sockets = new Set();
    this.asked = [];
    this.requests = [];
    this.refuse = null; // a problem to answer changes with
    this.hold = null; // a promise that changes wait for
    this.dumb = false; // REST says yes, the stream never shows it
    this.down = false; // the router does not answer at all
    this.me = 1;
    this.session = { user: "owner", role: "owner" }; // null: nobody is logged in; login: false: none is wanted
    this.passwords = { owner: "three small words", viewer: "just looking" };
    this.tokens = []; // of other programs
    this.tickets = {}; // to the role that each gives
    this.wait = 0; // seconds until a password may be tried again
    this.asks = []; // all that was asked of the API, and by whom
    this.flows = []; // beside those that the pairs make
    this.past = []; // flows that ended
    this.then = { since: null, quarantines: [], findings: [] }; // what was in force and open at any moment of the past
    this.bucket = () => [0, 0];
    this.habits = [{ what: "txBytes", now: 54_000_000, usual: 4_000_000, most: 9_000_000 }, { what: "txShare", now: 99, usual: 99, most: 100 }];
    this.muds = {}; // makers' descriptions by MAC
    this.owners = [];
    this.devices = [];
    this.pairs = [];
    this.events = [];
    this.wishes = []; // of providers
    this.status = {
      version: "0.1.0", now: iso(now), clockSet: true, started: iso(now - 86400 * 9), level: 2,
      levels: [0, 1, 2, 3].map((level) => ({ level, ok: true, why: null })), lan: ["br-lan"], wan: ["wan"],
      devices: { known: count, online: count, quarantined: 0 },
      stores: [{ name: "flows", used: 412, limit: 16384, evicted: 0 }, { name: "connections now in the kernel", used: 65536, limit: 65536, evicted: 1234567 }], losses: [], blindSpots: [],
      firewall: { state: "applied", at: iso(now), error: null }, providers: [],
    };
    this.#furnish(count, kinds);
  }

  #furnish(count, kinds) {
    const owners = count > 12 ? 60 : OWNERS.length;
    for (let i = 0; i < owners; i++) this.owners.push([i + 1, OWNERS[i] ?? `owner-${i}.example`, i === 0 ? "service" : "domain"]);
    for (let i = 0; i < count; i++) {
      const [name, kind, tx, rx, talks] = TWELVE[i % 12];
      const round = Math.floor(i / 12);
      const id = this.add({ name: round ? `${name} ${round + 1}` : name, kind: kinds ? kind : null, txRate: tx, rxRate: rx, online: name !== "Old phone" });
      talks.forEach((o, n) => this.pairs.push([id, ((o + round * 12) % owners) + 1, Math.floor(tx / 2 ** (n + 1)), Math.floor(rx / 2 ** (n + 1)), 0]));
    }
  }

  /** Adds a device with sensible defaults; its number. */
  add(members) {
    const id = this.devices.length + 1;
    const tail = id.toString(16).padStart(2, "0");
    this.devices.push({
      id, mac: `02:00:00:00:00:${tail}`, name: `device-${id}`, nameSource: "dhcp", vendor: null, randomMac: true, kind: null,
      ignored: false, trusted: false, addresses: [`192.168.1.${100 + id}`, `fd00:1::${tail}`], online: true,
      firstSeen: iso(this.now - 86400 * 9 + id), lastSeen: iso(this.now), rxBytes: 81200, txBytes: 9120000, rxPackets: 610,
      txPackets: 8100, rxRate: 0, txRate: 0, quarantine: null, quarantines: [], exceptions: [], mappings: [], refuseMappings: false,
      held: false, contested: false, controls: [], onFinding: null, mud: null, findings: [], maybe: [], ...members,
    });
    return id;
  }

  /** Wires a Playwright page to this home. */
  async wire(page) {
    await page.routeWebSocket("**/api/v1/stream", (ws) => this.#greet(ws));
    await page.route("**/api/v1/**", (route) => this.#answer(route));
  }

  #greet(ws) {
    this.asks.push(`${this.session?.role ?? "nobody"} GET stream`);
    if (this.down || !this.session) return ws.close();
    this.sockets.add(ws);
    ws.onClose(() => this.sockets.delete(ws));
    ws.onMessage((text) => this.#hear(ws, JSON.parse(text)));
    this.#send(ws, { t: "hello", v: 1, epoch: this.epoch, seq: this.seq, now: this.now, hz: 4, me: this.me });
  }

  #hear(ws, ask) {
    this.asked.push(ask);
    if (ask.t === "resume") this.#send(ws, { t: "snap", seq: this.seq, devices: this.devices, owners: this.owners, pairs: this.pairs, events: this.events });
    if (ask.t === "focus" && ask.dev !== null) this.#send(ws, { t: "focus", dev: ask.dev, seq: this.seq, rows: this.#rows(ask.dev), more: 3 });
  }

  #rows(dev) {
    return this.pairs.filter((p) => p[0] === dev).map((p, i) => [i + 1, `edge-${i}.${this.owners[p[1] - 1][1]}`, p[1], 443, p[2], p[3], p[4], this.now - 900]);
  }

  #send = (ws, frame) => ws.send(JSON.stringify(frame));

  /** Sends every page a delta. */
  delta(members) {
    this.seq++;
    for (const ws of this.sockets) this.#send(ws, { t: "d", seq: this.seq, now: this.now, ...members });
  }

  /** Changes a device and tells the pages. */
  change(id, members) {
    Object.assign(this.devices[id - 1], members);
    this.delta({ dev: [{ id, ...members }] });
  }

  /** The session ends, as after a log-out everywhere. */
  async expire() {
    this.session = null;
    for (const ws of [...this.sockets]) {
      this.#send(ws, { t: "bye", why: "expired" });
      await ws.close();
    }
    this.sockets.clear();
  }

  /** The link breaks; the router answers nothing until `back`. */
  async fall() {
    this.down = true;
    for (const ws of [...this.sockets]) await ws.close();
    this.sockets.clear();
  }

  back = () => void (this.down = false);

  async #answer(route) {
    const request = route.request();
    const { pathname, search, searchParams } = new URL(request.url());
    const path = pathname.replace("/api/v1/", "");
    const body = request.postDataJSON();
    if (this.down) return route.abort("connectionrefused");
    this.asks.push(`${this.session?.role ?? "nobody"} ${request.method()} ${path}${search}`);
    if (!this.session || /^(session|tokens)\b/.test(path)) return this.#give(route, atDoor(this, request.method(), path, body));
    if (path === "status") return this.#json(route, 200, this.status);
    if (/\/mud$/.test(path) && request.method() === "GET") return this.#mud(route, "GET", this.#named(path));
    if (/\/mud\/learned$/.test(path)) return this.#json(route, 200, { file: { "ietf-mud:mud": {} }, entries: 7, since: iso(this.now - 3600), warnings: ["it was watched for <b>1h</b> only"] });
    if (/\/habits$/.test(path)) return this.#json(route, 200, { learning: true, single: true, text: "learning, 3 h seen", habits: this.habits });
    if (path === "history") return this.#json(route, 200, pastOf(this, searchParams));
    if (path === "flows") return this.#json(route, 200, { flows: flowsOf(this, searchParams.get("device")), more: false });
    if (path === "past") return this.#json(route, 200, this.then);
    if (path === "requests") return this.#json(route, 200, { requests: this.wishes });
    this.requests.push({ method: request.method(), path: path + search, body });
    await this.hold;
    if (this.refuse) {
      const refused = typeof this.refuse === "function" ? this.refuse(body) : this.refuse;
      if (refused) return this.#refuse(route, refused);
    }
    if (/^requests\//.test(path)) return this.#json(route, 200, this.#settle(path.split("/")[1], body?.decision));
    if (/\/mud$/.test(path)) return this.#mud(route, request.method(), this.#named(path), body);
    if (/^findings\b/.test(path)) return this.#judge(route, Number(path.split("/")[1]), body.state);
    const device = this.#named(path);
    if (/\/inherit$/.test(path)) return this.#inherit(route, device, body.from);
    if (request.method() === "DELETE" && path === `devices/${device.mac}`) {
      this.delta({ gone: { dev: [device.id] } });
      return route.fulfill({ status: 204 });
    }
    if (request.method() === "PATCH") return this.#patch(route, device, body);
    return this.#json(route, 200, this.#quarantine(device, request.method(), body, searchParams.get("source")));
  }

  #named = (path) => this.devices.find((d) => d.mac === decodeURIComponent(path).split("/")[1]);

  #refuse(route, refused) {
    const headers = refused.status === 429 ? { "Retry-After": String(this.wait) } : {};
    return route.fulfill({ status: refused.status, contentType: "application/problem+json", headers, body: JSON.stringify(refused) });
  }

  #give(route, { status = 204, body }) {
    if (status >= 400) return this.#refuse(route, body);
    return body ? this.#json(route, status, body) : route.fulfill({ status });
  }

  // The router keeps the whole description; the device itself shows it without the policy.
  #mud(route, method, device, body) {
    const next = nextMud(this.muds[device.mac] ?? noMud, method, body);
    this.muds[device.mac] = next;
    if (method !== "GET") this.change(device.id, { mud: next.state === "none" ? null : { ...next, policy: [] } });
    return this.#json(route, 200, next);
  }

  #judge(route, id, state) {
    const device = this.devices.find((d) => d.findings.some((f) => f.id === id));
    this.change(device.id, { findings: device.findings.map((f) => (f.id === id ? { ...f, state } : f)) });
    return this.#json(route, 200, device.findings.find((f) => f.id === id));
  }

  #inherit(route, device, from) {
    const old = this.devices.find((d) => d.mac === from);
    this.change(device.id, { name: old.name, kind: old.kind, maybe: [] });
    this.change(old.id, { ignored: true });
    return this.#json(route, 200, device);
  }

  #patch(route, device, edit) {
    const wrong = edit.exceptions?.find((t) => !/^[\d.a-f:[\]/-]+(\/(tcp|udp|icmp|icmpv6))?$/.test(t));
    if (wrong) {
      return this.#refuse(route, problem(422, "invalid", `exceptions "${wrong}" has no address: write 198.51.100.7`, { member: "exceptions" }));
    }
    this.change(device.id, { ...edit, ...("name" in edit && { name: edit.name ?? "dhcp-name", nameSource: edit.name ? "owner" : "dhcp" }) });
    return this.#json(route, 200, device);
  }

  #quarantine(device, method, order, source) {
    if (this.dumb) return device;
    const rest = device.quarantines.filter((q) => (method === "PUT" ? q.source !== "owner" : source && q.source !== source));
    const until = order?.for ? iso(this.now + 3600) : order?.until;
    this.order(device.id, method === "PUT" ? [cut({ ...order, id: `q${this.seq}`, since: iso(this.now), until }), ...rest] : rest);
    this.tell({ kind: method === "PUT" ? "quarantine" : "release", device: device.mac,
      text: `${device.name} was ${method === "PUT" ? "cut off" : "let back in"} by the owner`,
      undo: method === "PUT" ? { method: "DELETE", path: `/api/v1/devices/${device.mac}/quarantine?source=owner` } : null });
    return device;
  }

  /** A provider asks, or what it asked for has changed; the page hears by an event. */
  plead(members) {
    const now = wish({ received: iso(this.now), ...this.wishes.find((w) => w.id === members.id), ...members });
    this.wishes = [...this.wishes.filter((w) => w.id !== now.id), now];
    this.tell({ kind: "request", text: `provider ${now.provider} asks` });
    return now;
  }

  // The owner's answer to a request; without one, what was done is taken back.
  #settle(id, decision) {
    const state = decision === "allow" ? "active" : "refused";
    return this.plead({ id, state, legitimate: decision === "legitimate" });
  }

  /** Puts a device under these quarantines, the strictest of which comes first, and tells the pages. */
  order(id, quarantines, members = {}) {
    this.change(id, { held: false, ...members, quarantine: quarantines[0] ?? null, quarantines });
  }

  /** Something happened. */
  tell(members) {
    const event = { id: this.events.length + 1, time: iso(this.now), kind: "device", severity: "note", device: null, text: "", cause: null, undo: null, ...members };
    this.events.push(event);
    this.delta({ ev: [event] });
  }

  #json(route, status, body) {
    return route.fulfill({ status, contentType: "application/json", body: JSON.stringify(body) });
  }
}
