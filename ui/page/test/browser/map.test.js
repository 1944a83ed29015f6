import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { FakeHome, flow } from "./home.js";
import { DESK, launch, open, PHONE, serve, settles, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const node = (page, name) => page.locator("svg .node", { has: page.locator(`text="${name}"`) });
const boxes = (page, selector) => page.locator(selector).evaluateAll((all) => all.map((e) => { const b = e.getBoundingClientRect(); return { x: b.x, y: b.y, w: b.width, h: b.height, text: e.textContent }; }));

function collisions(list) {
  const hits = [];
  list.forEach((a, i) => list.slice(i + 1).forEach((b) => {
    if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h - 1 && b.y < a.y + a.h - 1) hits.push(`${a.text} / ${b.text}`);
  }));
  return hits;
}

test("the map shows each device by name and state, and its owners", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  for (const d of home.devices) await page.getByRole("button", { name: new RegExp(`^${d.name}, (Normal|Offline), `) }).waitFor();
  await page.getByRole("button", { name: "Living-room TV, Normal, 2.4 MB/s", exact: true }).waitFor();
  for (const o of home.owners) await page.getByRole("button", { name: new RegExp(`^${o[1]}, \\d+ devices?, `) }).waitFor();
  assert.ok((await page.locator(".lines path").count()) >= home.pairs.length);
  await shoot(page, "light");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("rates move in place: no row changes its position with traffic", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await node(page, "Tom's phone").waitFor();
  const before = await boxes(page, "svg .node .name");
  home.delta({ r: [[2, 5000000, 90000000]], p: [[2, 4, 5000000, 90000000]] });
  await page.getByRole("button", { name: "Tom's phone, Normal, 95 MB/s", exact: true }).waitFor();
  assert.deepEqual(await boxes(page, "svg .node .name"), before);
  await page.context().close();
});

test("a new device appears by itself", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await node(page, "Radio").waitFor();
  home.add({ name: "Robot vacuum", firstSeen: new Date(home.now * 1000).toISOString() });
  home.delta({ dev: [home.devices.at(-1)] });
  await page.getByRole("button", { name: "Robot vacuum, New, idle", exact: true }).waitFor();
  await page.getByRole("button", { name: "1 new" }).waitFor();
  await page.context().close();
});

test("a click on a device dims all else to 18 % and opens it; Esc and Back come back", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await node(page, "Front-door camera").click();
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  assert.equal(new URL(page.url()).hash, "#d=7");
  await settles(() => assert.ok(home.asked.some((a) => a.t === "focus" && a.dev === 7)));
  const opacity = (name) => node(page, name).evaluate((e) => getComputedStyle(e).opacity);
  await page.waitForFunction(() => [...document.querySelectorAll(".node.dim")].every((e) => getComputedStyle(e).opacity === "0.18"));
  assert.equal(await opacity("Radio"), "0.18");
  assert.equal(await opacity("Front-door camera"), "1");
  assert.equal(await opacity("cam.example.net"), "1");
  await page.mouse.move(600, 10);
  await shoot(page, "focus");
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "What is happening" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await page.context().close();
});

test("a link to a device opens it", async () => {
  const page = await open(browser, server.url, new FakeHome(), { hash: "#d=5" });
  await page.getByRole("heading", { name: "Living-room TV" }).waitFor();
  await page.getByText("Names and addresses").click();
  await page.getByText("edge-0.Streamly").waitFor();
  await page.context().close();
});

test("a link to a device that is not there shows the whole home", async () => {
  const page = await open(browser, server.url, new FakeHome(), { hash: "#d=99" });
  await node(page, "Radio").waitFor();
  await page.getByRole("heading", { name: "What is happening" }).waitFor();
  assert.equal(await page.locator(".node.dim").count(), 0);
  await page.context().close();
});

test("an owner shows who talks to it", async () => {
  const page = await open(browser, server.url, new FakeHome());
  await node(page, "cam.example.net").click();
  await page.getByText("2 devices talk to it").waitFor();
  await page.locator("aside").getByRole("button", { name: "Garden camera" }).click();
  await page.getByRole("heading", { name: "Garden camera" }).waitFor();
  await page.context().close();
});

test("talk inside the home is drawn and listed for the picked device", async () => {
  const home = new FakeHome();
  home.flows = [flow({ device: home.devices[3].mac, scope: "lan", peer: home.devices[8].mac, rxBytes: 1000, txBytes: 90000 })];
  const page = await open(browser, server.url, home, { hash: "#d=4" });
  await page.getByRole("heading", { name: "In your home" }).waitFor();
  await page.locator("aside").getByRole("button", { name: "Printer", exact: true }).waitFor();
  assert.equal(await page.locator(".frame path.lan").count(), 1);
  await page.context().close();
});

test("talk inside the home is drawn for an unusual device without a click", async () => {
  const home = new FakeHome();
  home.flows = [flow({ device: home.devices[6].mac, scope: "lan", peer: home.devices[8].mac, rxBytes: 1000, txBytes: 90000 })];
  const page = await open(browser, server.url, home);
  await node(page, "Radio").waitFor();
  assert.equal(await page.locator(".frame path.lan").count(), 0);
  home.change(7, { findings: [{ id: 3, kind: "scan", severity: "warning", text: "asks every address", state: "open", flows: [], sources: [] }] });
  await page.locator(".frame path.lan.odd").waitFor({ state: "attached" });
  await page.context().close();
});

test("a picture of the map is saved without a name, a MAC or an address", async () => {
  const home = new FakeHome();
  home.devices[1].name = "Tom's <&> phone";
  home.devices[3].kind = "Tom's own kind";
  home.devices[8].name = "Laser"; // "Printers" stands over it
  const script = `const src = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
    Object.defineProperty(HTMLImageElement.prototype, "src", { set(to) { window.drawn = to; src.set.call(this, to); }, get: src.get });`;
  const page = await open(browser, server.url, home, { colorScheme: "dark", script });
  await node(page, "Radio").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Picture without names" }).click()]);
  assert.equal(download.suggestedFilename(), "home.png");
  const file = await readFile(await download.path());
  assert.deepEqual([...new Set(chunks(file))].filter((c) => !["IHDR", "sRGB", "IDAT", "IEND"].includes(c)), [], "a PNG with nothing but pixels");
  const drawn = decodeURIComponent((await page.evaluate(() => window.drawn)).replace(/^[^,]*,/, ""));
  for (const words of ["Device A", "Device L", "Party 1", "Party 12", "2.4 MB/s", "Phones"]) assert.ok(drawn.includes(words), words);
  const told = [...home.devices.flatMap((d) => [d.name, d.mac, ...d.addresses]), ...home.owners.map((o) => o[1]), "Tom", "aria-", "data-", "class", "style="];
  assert.deepEqual(told.filter((t) => drawn.includes(t)), []);
  if (process.env.SCREENSHOTS) await download.saveAs(`${process.env.SCREENSHOTS}/blank.png`);
  await page.setViewportSize(PHONE);
  await page.getByRole("table", { name: "All devices" }).waitFor();
  await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Picture without names" }).click()]);
  assert.match(decodeURIComponent(await page.evaluate(() => window.drawn)), /width="8\d\d".*Device L/, "a map where there is none");
  await page.locator(".frame").waitFor({ state: "detached" });
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

// The kinds of chunks in a PNG.
function chunks(file) {
  const found = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at) + 12) found.push(file.toString("latin1", at + 4, at + 8));
  return found;
}

for (const [count, kinds] of [[12, true], [12, false], [60, true], [60, false]]) {
  test(`the labels of ${count} devices ${kinds ? "of many kinds" : "of no known kind"} do not collide`, async () => {
    const page = await open(browser, server.url, new FakeHome({ count, kinds }), { colorScheme: "dark" });
    await node(page, "Radio").waitFor();
    assert.deepEqual(collisions(await boxes(page, ".map text")), []);
    assert.equal(await page.locator(".node.device").count(), count);
    assert.ok((await page.locator(".frame .lines path").count()) <= 120);
    assert.ok((await page.locator(".node.owner").count()) <= 28);
    const out = (await boxes(page, ".map text")).filter((b) => b.x < 14 || b.x + b.w > DESK.width - 360);
    assert.deepEqual(out, []);
    await shoot(page, `dark-${count}${kinds ? "" : "-plain"}`);
    await page.context().close();
  });
}

test("more than sixty devices fold by kind, and open", async () => {
  const page = await open(browser, server.url, new FakeHome({ count: 96 }), { colorScheme: "dark" });
  const phones = page.getByRole("button", { name: /^Phones, \d+ devices, [\d.]+ [kM]B\/s$/ });
  await phones.waitFor();
  assert.ok((await page.locator(".node.device, .node.kind").count()) <= 60);
  assert.deepEqual(collisions(await boxes(page, ".map text")), []);
  assert.ok((await page.locator(".frame .lines path").count()) <= 120);
  await shoot(page, "folded-dark");
  await phones.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Tom's phone 8, / }).waitFor();
  await page.getByRole("button", { name: "Fold Phones" }).click();
  await phones.waitFor();
  await page.getByRole("searchbox", { name: "Search devices" }).fill("Tom's phone 8");
  await page.keyboard.press("Enter");
  await page.locator("svg").getByRole("button", { name: /^Tom's phone 8, / }).waitFor();
  await page.context().close();
});

test("owners beyond the seats are summed as others", async () => {
  const page = await open(browser, server.url, new FakeHome({ count: 60 }));
  const others = page.getByRole("button", { name: /^\d+ others, \d+ devices/ });
  await others.click();
  await page.locator("aside").getByRole("button", { name: /·/ }).first().waitFor();
  await page.context().close();
});

test("sixty devices at ten changes a second: the picture ends with the last", async () => {
  const home = new FakeHome({ count: 60 });
  const page = await open(browser, server.url, home);
  await node(page, "Radio").waitFor();
  for (let round = 1; round <= 20; round++) {
    home.delta({ r: home.devices.map((d) => [d.id, 1000 * round, 7000 * d.id + round]), p: home.pairs.map((p) => [p[0], p[1], p[2] + round, p[3] + round]) });
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await page.getByRole("button", { name: "Radio, Normal, 62 kB/s", exact: true }).waitFor();
  assert.ok((await page.locator(".frame .lines path").count()) <= 120);
  await page.context().close();
});
