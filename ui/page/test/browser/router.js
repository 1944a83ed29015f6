// A router for browser tests: the real program, with its login on, in network namespaces of its own. The page's listener
// is opened out here, where the browser is, and handed in. One device is plugged in: a neighbour with a lease.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = new URL("../../../../spinneret", import.meta.url).pathname;
const PATIENCE = 60_000; // ms for the program to come up or to end

/** The device's MAC and name. */
export const CAMERA = { mac: "02:00:00:00:00:20", name: "front-door-cam" };

const LINKS = `
link set lo up
link add br-lan type bridge
addr add 192.168.8.1/24 dev br-lan
link add lan1 type veth peer name cable
link set lan1 master br-lan
link set br-lan up
link set lan1 up
link set cable up
link add wan type veth peer name provider
link set wan up
neigh add 192.168.8.20 lladdr ${CAMERA.mac} dev br-lan nud permanent
`;

const configOf = (dir) => `
config spinneret 'main'
	list lan 'br-lan'
	list wan 'wan'
	option state_dir '${dir}/state'
	option dhcp_leases '${dir}/leases'
`;

// Each line on stdin boots the program, which finds the page's listener as fd 3. It ends by itself where nobody ends it.
const SCRIPT = `
ip -batch "$1/links" || exit 1
while read -r _; do
	timeout 300 "$0" run -config "$1/config" -socket "$1/run/api.sock" -listen fd:3 &
	echo "pid $!"
	wait $!
	echo "ended $?"
done
`;

export class Router {
  said = "";
  heard = () => {};

  /** Starts one, on a free port of the loopback. */
  static async start() {
    const router = new Router();
    router.dir = await mkdtemp(join(tmpdir(), "spinneret-router-"));
    router.socket = join(router.dir, "run", "api.sock");
    await Promise.all([["links", LINKS], ["config", configOf(router.dir)], ["leases", `9999999999 ${CAMERA.mac} 192.168.8.20 ${CAMERA.name} *\n`]]
      .map(([name, text]) => writeFile(join(router.dir, name), text)));
    await router.#build().catch(async (error) => { await router.close(); throw error; });
    return router;
  }

  // Node would take connections from a listener that it holds: once the namespaces have it, they alone keep it.
  async #build() {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    this.url = `http://127.0.0.1:${listener.address().port}/`;
    const own = process.getuid() === 0 ? "-nm" : "-Urnm";
    this.shell = spawn("unshare", [own, "sh", "-c", SCRIPT, PROGRAM, this.dir], { stdio: ["pipe", "pipe", "pipe", listener._handle.fd] });
    listener.close();
    for (const stream of [this.shell.stdout, this.shell.stderr]) stream.on("data", (part) => { this.said += part; this.heard(); });
    this.shell.on("exit", () => { this.said += "\nended with its shell\n"; this.heard(); });
    await this.boot();
  }

  /** Boots the program. */
  async boot() {
    this.said = "";
    this.shell.stdin.write("boot\n");
    await this.#hears(/^ready /m);
  }

  get #pid() {
    return /^ended /m.test(this.said) ? 0 : Number(/^pid (\d+)$/m.exec(this.said)?.[1] ?? 0);
  }

  /** Shuts the program down, as before a reboot. */
  async halt() {
    process.kill(this.#pid, "SIGTERM");
    await this.#hears(/^ended 0$/m);
  }

  async close() {
    if (this.#pid) await this.halt();
    this.shell?.stdin.end();
    await rm(this.dir, { recursive: true });
  }

  #hears(words) {
    return new Promise((yes, no) => {
      const fail = (why) => no(new Error(`the program ${why}: ${this.said}`));
      const timer = setTimeout(() => fail("is late"), PATIENCE);
      this.heard = () => {
        const found = words.test(this.said);
        if (!found && !/^ended /m.test(this.said)) return;
        clearTimeout(timer);
        if (found) yes();
        else fail("did not come up");
      };
      this.heard();
    });
  }

  /** Makes every session that is written down `days` older. The program must not run. */
  async age(days) {
    const file = join(this.dir, "state", "logins");
    const [, body] = (await readFile(file, "utf8")).split("\n");
    const logins = JSON.parse(Buffer.from(JSON.parse(body), "base64"));
    for (const s of logins.sessions) for (const time of ["created", "used"]) s[time] -= days * 86400;
    const aged = JSON.stringify(Buffer.from(JSON.stringify(logins)).toString("base64"));
    await writeFile(file, `spinneret-state 1 ${createHash("sha256").update(aged).digest("hex")}\n${aged}`);
    return logins.sessions.length;
  }

  /** A one-time ticket, as LuCI's plugin gets one through the unix socket. */
  async ticket(role) {
    const asked = request({ socketPath: this.socket, path: "/api/v1/tickets", method: "POST", headers: { "Content-Type": "application/json" } });
    asked.end(JSON.stringify({ role }));
    const [answer] = await once(asked, "response");
    return JSON.parse(Buffer.concat(await answer.toArray())).ticket;
  }
}
