// The page and time: the same picture as it was, and what happened while nobody looked.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { FakeHome, cut, flow } from "./home.js";
import { launch, open, PHONE, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const violations = async (page) => (await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }))).violations.map((v) => v.id);
const iso = (at) => new Date(at * 1000).toISOString();

// A home whose garden camera sent ten minutes of film to somewhere else, three hours ago.
function eventfulNight() {
  const home = new FakeHome({ now: Math.floor(Date.now() / 600_000) * 600 });
  home.flows = [];
  const from = home.now - 3 * 3600;
  home.past = [flow({ device: home.devices[7].mac, remote: "203.0.113.9", owner: "elsewhere.example", ownerSource: "domain", port: 443,
    txBytes: 6e8, rxBytes: 6e5, first: iso(from - 600), last: iso(from), state: "ended" })];
  home.bucket = (at) => (at >= from - 600 && at < from ? [1e5, 1.2e8] : [2e4, 1e4]);
  return { home, from };
}

for (const [name, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["phone", { viewport: PHONE, isMobile: true, hasTouch: true }]]) {
  test(`the same picture as it was three hours ago, and back: ${name}`, async () => {
    const { home } = eventfulNight();
    const page = await open(browser, server.url, home, { ...options, script: axe });
    await page.getByRole("button", { name: "Look back" }).click();
    const slider = page.getByRole("slider", { name: "Moment to look at" });
    await page.getByRole("img", { name: "Traffic of the whole home", exact: true }).waitFor();
    await slider.fill(String(home.now - 3 * 3600));
    await page.getByRole("heading", { name: /^What was happening at / }).waitFor();
    await page.locator("aside").getByRole("button", { name: "Garden camera" }).waitFor();
    await page.getByText("Looking back").waitFor();
    await page.getByText(/^(\d+ \w+ )?\d\d:\d\d, 3 h ago$/).waitFor();
    if (name !== "phone") {
      await page.getByRole("button", { name: "elsewhere.example, 1 device, 1.0 MB/s", exact: true }).waitFor();
      await page.getByRole("button", { name: "Living-room TV, Normal, idle", exact: true }).waitFor();
    }
    home.delta({ r: [[5, 21000, 2600000]] }); // the present goes on, unseen
    await shoot(page, `past-${name}`);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Back to now" }).click();
    await page.getByRole("heading", { name: "What is happening" }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test("the keyboard's way into the past and back", async () => {
  const { home } = eventfulNight();
  const page = await open(browser, server.url, home);
  const back = page.getByRole("button", { name: "Look back" });
  await back.press("Enter");
  await page.locator("input[type=range]:focus").waitFor();
  await page.getByRole("button", { name: "Back to now" }).press("Enter");
  await page.locator("button:focus", { hasText: "Look back" }).waitFor();
  await page.context().close();
});

test("a device can be cut off from a moment of the past; Esc comes back to the present", async () => {
  const { home } = eventfulNight();
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "Look back" }).click();
  const slider = page.getByRole("slider", { name: "Moment to look at" });
  await slider.focus();
  for (let i = 0; i < 19; i++) await page.keyboard.press("ArrowLeft");
  await page.locator("svg").getByRole("button", { name: /^Garden camera, Normal, 1\.0 MB/ }).click();
  await page.getByRole("button", { name: "Cut off…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cut off", exact: true }).click();
  await page.getByText("Cut off · confirmed by the firewall").waitFor();
  await page.getByRole("button", { name: "elsewhere.example, 1 device, 1.0 MB/s", exact: true }).waitFor();
  await page.locator("body").click({ position: { x: 5, y: 300 } });
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "What is happening" }).waitFor();
  await page.context().close();
});

test("a moment of the past shows who was cut off and what was unusual then", async () => {
  const { home, from } = eventfulNight();
  home.then = { since: iso(from - 86400), findings: [{ device: home.devices[7].mac, id: 5, kind: "exfiltration", severity: "alarm" }],
    quarantines: [{ device: home.devices[8].mac, level: "full", source: "anomaly", since: iso(from - 60), until: null }] };
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "Look back" }).click();
  const slider = page.getByRole("slider", { name: "Moment to look at" });
  await slider.fill(String(from));
  await page.locator("svg").getByRole("button", { name: /^Garden camera, Unusual/ }).waitFor();
  await page.locator("svg").getByRole("button", { name: /^Printer, Cut off/ }).click();
  await page.getByText(/^◄ Then cut off: everything, by unusual traffic, since /).waitFor();
  await shoot(page, "then");
  await page.getByRole("button", { name: "Back to now" }).click();
  await page.locator("svg").getByRole("button", { name: /^Printer, Normal/ }).waitFor();
  home.then = { ...home.then, since: iso(home.now) };
  await page.getByRole("button", { name: "Look back" }).click();
  await slider.fill(String(from));
  await page.getByRole("status").getByText("who was cut off then is not kept", { exact: false }).waitFor();
  await page.context().close();
});

test("who comes back to the present before the router answered about the past stays there", async () => {
  const { home, from } = eventfulNight();
  const page = await open(browser, server.url, home);
  let answer;
  const held = new Promise((done) => { answer = done; });
  await page.route(/\/api\/v1\/past\?/, async (route) => { await held; await route.fallback(); });
  await page.getByRole("button", { name: "Look back" }).click();
  const asked = page.waitForRequest(/\/api\/v1\/past\?/);
  await page.getByRole("slider", { name: "Moment to look at" }).fill(String(from));
  const answered = (await asked).response();
  await page.getByRole("button", { name: "Back to now" }).click();
  answer();
  await answered;
  await page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)); }));
  assert.equal(await page.getByText("Looking back").count(), 0);
  await page.getByRole("heading", { name: "What is happening" }).waitFor();
  await page.context().close();
});

test("a device that came later and is cut off now stays in sight while the page looks back", async () => {
  const { home, from } = eventfulNight();
  const late = cut({ level: "full", passedPackets: 0, refusedPackets: 3 });
  home.add({ name: "Late lamp", firstSeen: iso(from + 600), quarantine: late, quarantines: [late] });
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "Look back" }).click();
  await page.getByRole("slider", { name: "Moment to look at" }).fill(String(from));
  await page.getByRole("heading", { name: /^What was happening at / }).waitFor();
  await page.getByRole("region", { name: "Cut off" }).getByRole("button", { name: "Late lamp" }).first().waitFor();
  assert.equal(await page.locator("svg").getByRole("button", { name: /^Late lamp/ }).count(), 0);
  await page.context().close();
});

test("a router that remembers nothing of that time says so, and one that does not answer too", async () => {
  const { home } = eventfulNight();
  home.past = [];
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "Look back" }).click();
  const slider = page.getByRole("slider", { name: "Moment to look at" });
  await slider.fill(String(home.now - 7200));
  await page.getByRole("status").getByText(/ · Nothing is kept of this time\.$/).waitFor();
  await page.route("**/api/v1/history**", (route) => route.fulfill({ status: 503, json: { title: "The history cannot be read", detail: "the disk does not answer" } }));
  await slider.fill(String(home.now - 3600));
  await page.getByText("Not done: the disk does not answer").waitFor();
  await page.context().close();
});

// A home in which something happened an hour ago, and a browser that was last here three hours ago, or never.
function absent(hours) {
  const { home } = eventfulNight();
  const then = (kind, severity, text, ago) => home.events.push({ id: home.events.length + 1, time: iso(home.now - ago), kind, severity, device: home.devices[7].mac, text, cause: null, undo: null });
  then("device", "note", "too long ago", 5 * 3600);
  then("device", "note", "Robot vacuum joined for the first time", 3700);
  then("finding", "alarm", "Garden camera sent 600 MB to elsewhere.example", 3600);
  then("config", "note", "the configuration was read anew", 3500);
  return { home, script: hours ? `localStorage.setItem("spinneret.here", localStorage.getItem("spinneret.here") ?? "${home.now - hours * 3600}")` : "" };
}

test("who was away is told once what happened meanwhile", async () => {
  const { home, script } = absent(3);
  const page = await open(browser, server.url, home, { script: script + ";" + axe });
  const card = page.getByRole("region", { name: "While you were away" });
  await card.getByText("since ", { exact: false }).getByText("1 unusual, 1 new").waitFor();
  assert.equal(await card.getByRole("listitem").count(), 2, "what was before, and what is of no matter, is left out");
  await shoot(page, "away");
  assert.deepEqual(await violations(page), []);
  await card.getByRole("button", { name: "Garden camera sent 600 MB to elsewhere.example" }).waitFor();
  await card.getByRole("button", { name: "I have seen it" }).click();
  await page.reload();
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("region", { name: "Events" }).getByText("Robot vacuum joined for the first time").waitFor();
  assert.equal(await card.count(), 0);
  await page.context().close();
});

test("a page that stood open all night tells it at the first touch; a first visit has missed nothing", async () => {
  const { home, script } = absent(0);
  const page = await open(browser, server.url, home, { script });
  await page.getByRole("region", { name: "Events" }).getByText("Robot vacuum joined for the first time").waitFor();
  assert.equal(await page.getByRole("region", { name: "While you were away" }).count(), 0);
  home.now += 8 * 3600;
  home.tell({ kind: "finding", severity: "warning", text: "Hall light asks every address", time: iso(home.now - 3600) });
  await page.getByText("Hall light asks every address").waitFor();
  await page.mouse.click(5, 700);
  await page.getByRole("region", { name: "While you were away" }).getByText("Hall light asks every address").waitFor();
  await page.context().close();
});
