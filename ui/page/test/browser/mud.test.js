// Makers' descriptions (MUD) on the page: in words, with what waits for the owner.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { noMud } from "./objects.js";
import { gone, launch, open, PHONE, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const violations = async (page) => (await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }))).violations.map((v) => v.id);

// A light whose maker describes it, held to that for now by watching only; another version waits.
function described(members = {}) {
  const home = new FakeHome();
  const mud = {
    ...noMud, url: "https://lamps.example/one", state: "active", mode: "watch", violations: 12, problems: ["<b>the file</b> is older than a year"],
    policy: ["may reach lamps.example, tcp port 443", "may be reached by its controller, udp port 5683"], usesSince: home.status.started,
    uses: [{ text: "may reach lamps.example, tcp port 443", count: 1234, last: home.status.now }, { text: "may be reached by its controller, udp port 5683", count: 0, last: null }], source: "dhcp", file: false,
    systemInfo: "Hall \u202elamp", signedBy: null, fetched: home.status.now, expires: null,
    approvals: [{ id: "file-1", kind: "file", url: "https://lamps.example/one", why: ["it allows more than before"], policy: ["may reach any host"] }], ...members,
  };
  const light = home.devices[10];
  home.muds[light.mac] = mud;
  light.mud = { ...mud, policy: [] };
  return { home, light };
}

for (const [name, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["phone", { viewport: PHONE, isMobile: true, hasTouch: true }]]) {
  test(`a maker's description is shown in words, and what waits is approved: ${name}`, async () => {
    const { home } = described();
    const page = await open(browser, server.url, home, { ...options, script: axe });
    const card = page.getByRole("region", { name: "Makers' descriptions wait for you" });
    await card.getByRole("button", { name: "Hall light" }).click();
    await page.getByText("Its maker describes what it may do.").waitFor();
    for (const words of ["may reach lamps.example, tcp port 443", "▲ Not allowed by its maker: 12×", "<b>the file</b> is older than a year", "Hall \ufffdlamp", "nobody"]) {
      await page.getByText(words, { exact: true }).waitFor();
    }
    await page.getByText(/^Used since \d+ \w+ \d\d:\d\d: 1 of 2\.$/).waitFor();
    const lines = page.getByRole("region", { name: "Hall light" }).getByRole("listitem");
    await lines.getByText(/1,234×, last \d\d:\d\d$/).waitFor();
    await lines.getByText("not used", { exact: true }).waitFor();
    const waiting = page.getByRole("region", { name: "A description to approve" });
    await waiting.getByText("it allows more than before").waitFor();
    await waiting.getByText("may reach any host").waitFor();
    await waiting.scrollIntoViewIfNeeded();
    await shoot(page, `mud-${name}`);
    assert.deepEqual(await violations(page), []);
    await waiting.getByRole("button", { name: "Approve" }).click();
    await waiting.waitFor({ state: "detached" });
    await gone(card);
    await page.getByRole("radio", { name: "Enforce" }).click();
    await page.getByRole("radio", { name: "Enforce", checked: true }).waitFor();
    await page.getByRole("switch", { name: /^By the letter/ }).click();
    await page.getByRole("switch", { name: /^By the letter/, checked: true }).waitFor();
    assert.deepEqual(home.requests.pop().body, { strict: true });
    assert.deepEqual(home.requests.map((r) => [r.method, r.body]), [["POST", { approve: "file-1" }], ["PUT", { mode: "enforce" }]]);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test("the owner gives a device a description by address or by file, and takes it away", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=11" });
  await page.getByText("What its maker allows").click();
  await page.getByText("No maker's description (MUD) is known for it.").waitFor();
  await page.getByLabel("Address of a description").fill("https://lamps.example/one");
  await page.getByRole("button", { name: "Use it" }).click();
  await page.getByText("Its maker's description is being looked up.").waitFor();
  await page.getByLabel("Use a file…").setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("no json") });
  await page.getByRole("alert").getByText("This is no MUD file", { exact: false }).waitFor();
  await page.getByLabel("Use a file…").setInputFiles({ name: "one.json", mimeType: "application/json", buffer: Buffer.from('{"ietf-mud:mud":{}}') });
  await page.getByText("a file of yours").waitFor();
  home.refuse = { type: "urn:spinneret:busy", status: 503, detail: "eight are being looked up: try again in a minute" };
  await page.getByRole("button", { name: "Take it away" }).click();
  await page.getByRole("alert").getByText("Not done: eight are being looked up: try again in a minute").waitFor();
  home.refuse = null;
  await page.getByRole("button", { name: "Take it away" }).click();
  await page.getByText("No maker's description (MUD) is known for it.").waitFor();
  await page.context().close();
});

test("what goes beyond a description is dashed on the map, and said in words there, in the table and in the panel", async () => {
  const { home, light } = described({ mode: "enforce", beyond: [{ owner: "news.example", peer: null }, { owner: null, peer: "02:00:00:00:00:09" }] });
  home.pairs.push([11, 12, 0, 0, 3000]); // refused: it carries nothing
  const page = await open(browser, server.url, home);
  const words = "Stopped, not allowed by its maker: news.example, Printer";
  await page.locator("svg").getByRole("button", { name: `Hall light, Normal, 100 B/s. ${words}`, exact: true }).waitFor();
  assert.equal(await page.locator(".frame path.beyond").count(), 2);
  const dashes = await page.locator(".frame path.beyond").evaluateAll((all) => all.map((p) => getComputedStyle(p).strokeDasharray));
  assert.deepEqual(dashes, ["9px, 6px", "9px, 6px"]);
  await page.getByRole("list", { name: "Legend" }).getByText("not allowed by its maker").waitFor();
  await shoot(page, "beyond");
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await page.getByRole("row", { name: /^Hall light/ }).getByText(words).waitFor();
  await shoot(page, "beyond-table");
  await page.getByRole("row", { name: /^Hall light/ }).getByRole("button", { name: "Hall light" }).click();
  await page.getByRole("region", { name: "Hall light" }).getByText(words).waitFor();
  await page.getByRole("region", { name: "Hall light" }).getByText("known by its domain · ┄ not allowed by its maker").waitFor();
  home.change(light.id, { mud: { ...light.mud, beyond: [] } });
  await page.getByText(words).first().waitFor({ state: "detached" });
  await page.context().close();
});

test("the device in the owner's hand is held to a description only on a second word", async () => {
  const { home } = described({ approvals: [] });
  home.refuse = (body) => (body.mode === "enforce" && !body.acknowledge ? { type: "urn:spinneret:own-device", status: 409, detail: "this is the device that you are using" } : null);
  const page = await open(browser, server.url, home, { hash: "#d=11" });
  await page.getByText("What its maker allows").click();
  await page.getByRole("radio", { name: "Enforce" }).click();
  await page.getByRole("alert").getByText("You will lose this page if the description does not name it", { exact: false }).waitFor();
  await page.getByRole("radio", { name: "Watch", checked: true }).waitFor();
  await page.getByRole("button", { name: "Enforce it anyway" }).click();
  await page.getByRole("radio", { name: "Enforce", checked: true }).waitFor();
  await gone(page.getByRole("alert"));
  assert.deepEqual(home.requests.map((r) => r.body), [{ mode: "enforce" }, { mode: "enforce", acknowledge: true }]);
  await page.context().close();
});

test("a viewer reads the description and changes nothing", async () => {
  const { home } = described();
  home.session = { user: "viewer", role: "viewer" };
  const page = await open(browser, server.url, home, { hash: "#d=11" });
  await page.getByText("may reach lamps.example, tcp port 443").waitFor();
  assert.equal(await page.getByRole("radio", { name: "Enforce" }).isDisabled(), true);
  assert.equal(await page.getByRole("button", { name: "Approve" }).count(), 0);
  assert.equal(await page.getByLabel("Address of a description").count(), 0);
  await page.context().close();
});

test("where no maker says anything a description is made of what the device did, with what to mind", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=11" });
  await page.getByText("What its maker allows").click();
  await page.getByRole("button", { name: "Make one of what it did" }).click();
  const draft = page.getByRole("region", { name: "A description of what it did" });
  await draft.getByText(/^7 rules · since \d\d:\d\d$/).waitFor();
  await draft.getByText("it was watched for <b>1h</b> only").waitFor();
  assert.match(await draft.getByRole("link", { name: "Download it" }).getAttribute("href"), /\/mud\/learned$/);
  await shoot(page, "learned");
  await draft.getByRole("button", { name: "Use it, and watch" }).click();
  await page.getByText("a file of yours").waitFor();
  assert.deepEqual(home.requests.map((r) => r.body), [{ file: { "ietf-mud:mud": {} }, mode: "watch" }]);
  await page.context().close();
});

test("what an event tells of a description is taken back there, where it is the last of its device", async () => {
  const { home, light } = described();
  const undo = { method: "DELETE", path: `/api/v1/devices/${light.mac}/mud` };
  home.tell({ kind: "mud", text: "Hall light was given one description", device: light.mac, undo });
  home.tell({ kind: "mud", text: "Hall light was given another", device: light.mac, undo });
  const page = await open(browser, server.url, home);
  const events = page.getByRole("region", { name: "Events" });
  await events.getByText("Hall light was given one description").waitFor();
  assert.equal(await events.getByRole("button", { name: "Undo" }).count(), 1);
  await events.getByRole("listitem").first().getByRole("button", { name: "Undo" }).click();
  await page.getByRole("status").getByText("Hall light is held to that description no longer.").waitFor();
  await gone(events.getByRole("button", { name: "Undo" }));
  await page.context().close();
});
