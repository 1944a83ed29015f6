// A device under several quarantines: each with its reason, clock, proof and end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cut, FakeHome } from "./home.js";
import { gone, launch, open, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const iso = (unix) => new Date(unix * 1000).toISOString();

// The camera, cut off by a provider for ten minutes, by its behaviour, and from the internet by the owner.
function held() {
  const home = new FakeHome();
  home.order(7, [
    cut({ id: "q4", source: "dots", provider: "isp", why: "attack on 198.51.100.7:53", since: iso(home.now - 300), until: iso(home.now + 600), refusedPackets: 1234 }),
    cut({ id: "q2", level: "internet", since: iso(home.now - 7200), until: iso(home.now + 86400 * 2), refusedPackets: 5 }),
    cut({ id: "q3", level: "flow", source: "anomaly", why: "14 times its usual upload", since: iso(home.now - 60), to: ["198.51.100.7:53/udp"], refusedPackets: 9 }),
  ]);
  return home;
}

const list = (page) => page.getByRole("list", { name: "What holds it" });
const item = (page, n) => list(page).getByRole("listitem").nth(n);
const look = (home, options) => open(browser, server.url, home, { hash: "#d=7", ...options });

test("every quarantine is shown with who, why, how long and what it refused", async () => {
  const home = held();
  const refused = { device: home.devices[6].mac, scope: "internet", direction: "out", state: "refused", protocol: "udp", port: 53, name: null, owner: null, rxBytes: 0, txBytes: 80 };
  home.flows = [{ ...refused, remote: "192.0.2.53", asked: "up.<b>cam.example" }, { ...refused, remote: "203.0.113.9", asked: null }];
  const page = await look(home);
  await item(page, 0).getByText("Everything by your provider isp").waitFor();
  await page.locator(".panel").getByText("Tries to reach: up.<b>cam.example, 203.0.113.9").waitFor();
  for (const [n, words] of [[0, "“attack on 198.51.100.7:53”"], [0, /^0 passed, 1,234 refused since/], [0, /^\d+ min \d+ s left$/],
    [1, "Internet only by you"], [1, /^(1 d 23 h|2 d 0 h) left$/], [2, "Only some traffic by unusual traffic"], [2, "Stops: 198.51.100.7:53/udp"],
    [2, /, until it is let back in$/]]) await item(page, n).getByText(words).waitFor();
  assert.equal(await item(page, 2).getByRole("timer").count(), 0);
  await shoot(page, "holds");
  await page.context().close();
});

test("the clock counts down by whole seconds and is not announced", async () => {
  const page = await look(held());
  const clock = item(page, 0).getByRole("timer");
  await clock.waitFor();
  const changes = await clock.evaluate((node) => new Promise((done) => {
    const seen = [];
    new MutationObserver(() => {
      seen.push(node.textContent);
      if (seen.length === 3) done(seen);
    }).observe(node, { childList: true, characterData: true, subtree: true });
  }));
  const seconds = changes.map((text) => 60 * Number(/(\d+) min/.exec(text)[1]) + Number(/(\d+) s/.exec(text)[1]));
  for (let i = 1; i < seconds.length; i++) assert.ok(seconds[i] < seconds[i - 1], `${seconds} falls`);
  assert.equal(await page.locator("[role=status], [aria-live]").getByRole("timer").count(), 0);
  await page.context().close();
});

test("ending one says what stays, and leaves it", async () => {
  const home = held();
  const page = await look(home);
  await item(page, 0).getByText("When it ends: “Internet only” by you still holds.").waitFor();
  await item(page, 1).getByText("When it ends: “Everything” by your provider isp still holds.").waitFor();
  await page.getByRole("button", { name: "End this one: Everything, by your provider isp" }).click();
  await page.getByText("Ended. “Internet only” by you still holds Front-door camera.").waitFor();
  assert.deepEqual(home.requests, [{ method: "DELETE", path: `devices/${home.devices[6].mac}/quarantine?source=dots`, body: null }]);
  assert.equal(await list(page).getByRole("listitem").count(), 2);
  await page.getByText("Cut off from the internet · confirmed by the firewall").waitFor();
  await page.context().close();
});

test("letting back in ends them all", async () => {
  const home = held();
  const page = await look(home);
  await page.locator(".panel").getByRole("button", { name: "Let back in" }).click();
  await page.getByText("Front-door camera is let in.").waitFor();
  assert.equal(home.requests[0].path, `devices/${home.devices[6].mac}/quarantine`);
  await gone(list(page));
  await page.context().close();
});

test("two of one source end together, and the button says so", async () => {
  const home = held();
  const [first] = home.devices[6].quarantines;
  home.order(7, [first, { ...first, id: "q9", provider: "other" }]);
  const page = await look(home);
  for (const n of [1, 0]) await item(page, n).getByRole("button", { name: "End these 2" }).waitFor();
  await item(page, 0).getByRole("button", { name: "End these 2" }).click();
  await page.getByText("Front-door camera is let in.").waitFor();
  await page.context().close();
});

test("one that ends by itself leaves the milder one standing", async () => {
  const home = held();
  const page = await look(home);
  await page.getByText("Cut off · confirmed by the firewall").waitFor();
  home.order(7, home.devices[6].quarantines.slice(1));
  await page.getByText("Cut off from the internet · confirmed by the firewall").waitFor();
  await page.locator("svg").getByRole("button", { name: /^Front-door camera, Partly cut off/ }).waitFor();
  await page.context().close();
});

test("with the link lost nothing can be ended", async () => {
  const home = held();
  const page = await look(home);
  await item(page, 0).waitFor();
  await home.fall();
  await page.getByText("Lost", { exact: true }).waitFor();
  for (const button of await list(page).getByRole("button").all()) assert.equal(await button.isDisabled(), true);
  await page.context().close();
});

test("reasons and targets from outside are shown and do nothing", async () => {
  const home = held();
  home.order(7, [cut({ source: "dots", provider: "isp\u202e", why: "<img src=x onerror=1>\u202e", to: ["<b>"], level: "flow", since: iso(home.now) })]);
  const page = await look(home);
  await page.getByText("“<img src=x onerror=1>\ufffd”").waitFor();
  assert.equal(await page.locator("img").count(), 0);
  assert.equal((await page.content()).includes("\u202e"), false);
  await page.context().close();
});
