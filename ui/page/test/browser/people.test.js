// The page for everybody: on a phone, in the dark, with a screen reader, with names that want to do harm.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { cut, FakeHome } from "./home.js";
import { launch, open, PHONE, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const phone = { viewport: PHONE, isMobile: true, hasTouch: true };

// A home with one device in each state.
function eventful() {
  const home = new FakeHome();
  home.devices[6].findings = [{ id: 1, kind: "exfiltration", severity: "alarm", text: "14 times its usual upload, to an owner it never used before", state: "open", flows: [], sources: [] }];
  home.devices[10].firstSeen = new Date((home.now - 3600) * 1000).toISOString();
  const q = cut({ since: home.status.now });
  Object.assign(home.devices[8], { quarantine: q, quarantines: [q], rxRate: 0, txRate: 0 });
  const held = home.add({ name: "esp-4f2a", vendor: "Espressif", firstSeen: home.status.now });
  home.order(held, [cut({ id: "q8", level: "internet", why: "new device", since: home.status.now })], { held: true });
  home.order(10, [
    cut({ id: "q4", source: "dots", provider: "isp", why: "attack on 198.51.100.7:53", since: home.status.now, until: home.status.now.replace(/^..../, "2099") }),
    cut({ id: "q5", level: "flow", why: "", since: home.status.now, to: ["198.51.100.7:53/udp", "[2001:db8::/32]:443/tcp"], inForce: false }),
  ], { exceptions: ["192.0.2.10:443/tcp"], mappings: [{ protocol: "tcp", outsidePort: 8080, port: 80 }], contested: true });
  home.tell({ text: "Hall light joined for the first time", device: home.devices[10].mac });
  home.tell({ kind: "finding", severity: "alarm", text: "Front-door camera sent 14 times more than usual", device: home.devices[6].mac });
  home.tell({ kind: "quarantine", text: "Printer was cut off by the owner", device: home.devices[8].mac, undo: { method: "DELETE", path: `/api/v1/devices/${home.devices[8].mac}/quarantine` } });
  return home;
}

async function violations(page) {
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
}

async function makeToken(page) {
  await page.getByRole("button", { name: "Your login: Owner" }).click();
  await page.getByRole("button", { name: "API tokens…" }).click();
  await page.getByLabel("For which program").fill("Home Assistant");
  await page.keyboard.press("Enter");
  await page.getByLabel("The token of Home Assistant").waitFor();
}

for (const [name, options, go] of [
  ["light", {}, null],
  ["dark", { colorScheme: "dark" }, null],
  ["phone", phone, null],
  ["phone-device", { ...phone, hash: "#d=7" }, null],
  ["table-dark", { colorScheme: "dark" }, (page) => page.getByRole("button", { name: "Table", exact: true }).click()],
  ["focus-dark", { colorScheme: "dark", hash: "#d=7" }, null],
  ["dialog-dark", { colorScheme: "dark", hash: "#d=7" }, (page) => page.getByRole("button", { name: "Cut off…" }).click()],
  ["dialog-flow-phone", { ...phone, hash: "#d=7" }, async (page) => {
    await page.getByRole("button", { name: "Cut off…" }).click();
    await page.getByRole("radio", { name: "Only some traffic" }).check();
    await page.getByRole("checkbox", { name: "cam.example.net" }).check();
    await page.getByRole("radio", { name: "Until a time of my own" }).check();
  }],
  ["dialog-flow-dark", { colorScheme: "dark", hash: "#d=7" }, async (page) => {
    await page.getByRole("button", { name: "Cut off…" }).click();
    await page.getByRole("radio", { name: "Only some traffic" }).check();
    await page.getByRole("button", { name: "Cut off these" }).click();
  }],
  ["holds-dark", { colorScheme: "dark", hash: "#d=10" }, (page) => page.getByRole("list", { name: "What holds it" }).waitFor()],
  ["holds-phone", { ...phone, hash: "#d=10" }, (page) => page.getByRole("list", { name: "What holds it" }).waitFor()],
  ["details", { hash: "#d=10" }, (page) => page.getByText("Details", { exact: true }).click()],
  ["details-phone", { ...phone, hash: "#d=10" }, async (page) => {
    await page.getByText("Details", { exact: true }).click();
    await page.getByText("Ports to the internet").scrollIntoViewIfNeeded();
  }],
  ["rename-dark", { colorScheme: "dark", hash: "#d=7" }, (page) => page.getByRole("button", { name: "Edit name and kind" }).click()],
  ["held-phone", { ...phone, hash: "#d=13" }, (page) => page.getByRole("button", { name: "Allow: esp-4f2a" }).waitFor()],
  ["status-phone", phone, (page) => page.getByRole("button", { name: "Status" }).click()],
  ["status-dark", { colorScheme: "dark" }, (page) => page.getByRole("button", { name: "Status" }).click()],
  ["tokens-dark", { colorScheme: "dark" }, makeToken],
  ["tokens-phone", phone, makeToken],
  ["forced-colors", { forcedColors: "active" }, null],
]) {
  test(`axe finds nothing: ${name}`, async () => {
    const page = await open(browser, server.url, eventful(), { ...options, script: axe, reducedMotion: "reduce" });
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByText("Printer was cut off by the owner").waitFor();
    if (go) await go(page);
    await shoot(page, `axe-${name}`);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

const shut = (home, members) => Object.assign(home, { session: null }, members);

for (const [name, options, go] of [
  ["login", {}, (page) => page.getByLabel("User").waitFor()],
  ["login-dark", { colorScheme: "dark" }, async (page) => {
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
  }],
  ["login-phone", phone, (page) => page.getByLabel("User").waitFor()],
  ["login-forced-colors", { forcedColors: "active" }, (page) => page.getByLabel("User").waitFor()],
]) {
  test(`axe finds nothing at the door: ${name}`, async () => {
    const page = await open(browser, server.url, shut(eventful()), { ...options, script: axe });
    await go(page);
    await shoot(page, `axe-${name}`);
    assert.deepEqual(await violations(page), []);
    await page.context().close();
  });
}

for (const [name, options] of [["setup", {}], ["setup-dark", { colorScheme: "dark" }], ["setup-phone", phone]]) {
  test(`axe finds nothing at the first run: ${name}`, async () => {
    const page = await open(browser, server.url, shut(eventful(), { passwords: {} }), { ...options, script: axe });
    await page.getByLabel("New password").fill("short");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByRole("alert").waitFor();
    await shoot(page, `axe-${name}`);
    assert.deepEqual(await violations(page), []);
    await page.context().close();
  });
}

for (const [name, options] of [["expired", {}], ["expired-dark", { colorScheme: "dark" }], ["expired-phone", phone]]) {
  test(`axe finds nothing over a picture that stands still: ${name}`, async () => {
    const home = eventful();
    const page = await open(browser, server.url, home, { ...options, script: axe, hash: "#d=7" });
    await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
    await home.expire();
    await page.getByRole("dialog", { name: "Your login ended" }).waitFor();
    await shoot(page, `axe-${name}`);
    assert.deepEqual(await violations(page), []);
    await page.context().close();
  });
}

for (const [name, options] of [["viewer", {}], ["viewer-dark", { colorScheme: "dark", hash: "#d=10" }], ["viewer-phone", { ...phone, hash: "#d=10" }]]) {
  test(`axe finds nothing for one who may only look: ${name}`, async () => {
    const home = eventful();
    home.session = { user: "viewer", role: "viewer" };
    const page = await open(browser, server.url, home, { ...options, script: axe });
    await page.getByText("Live", { exact: true }).waitFor();
    const menu = page.getByRole("button", { name: "Your login: Viewer" });
    if (options.viewport) await page.getByText("Only the owner can").waitFor();
    else await menu.click();
    await shoot(page, `axe-${name}`);
    assert.deepEqual(await violations(page), []);
    await page.context().close();
  });
}

for (const [name, options] of [["passwords-dark", { colorScheme: "dark" }], ["passwords-phone", phone]]) {
  test(`axe finds nothing where passwords are changed: ${name}`, async () => {
    const page = await open(browser, server.url, eventful(), { ...options, script: axe });
    await page.getByRole("button", { name: "Your login: Owner" }).click();
    await page.getByRole("button", { name: "Passwords…" }).click();
    await page.getByRole("radio", { name: "Viewer" }).check();
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByRole("alert").waitFor();
    await shoot(page, `axe-${name}`);
    assert.deepEqual(await violations(page), []);
    await page.context().close();
  });
}

test("the menu of the login fits a phone", async () => {
  const page = await open(browser, server.url, eventful(), { ...phone, script: axe });
  await page.getByRole("button", { name: "Your login: Owner" }).click();
  const box = await page.getByRole("dialog", { name: "Your login" }).boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= PHONE.width);
  await shoot(page, "menu-phone");
  assert.deepEqual(await violations(page), []);
  await page.context().close();
});

test("each state has its shape and its word", async () => {
  const page = await open(browser, server.url, eventful());
  for (const [name, state] of [["Front-door camera", "Unusual"], ["Hall light", "New"], ["Printer", "Cut off"], ["esp-4f2a", "Waiting for you"], ["Old phone", "Offline"]]) {
    await page.locator("svg").getByRole("button", { name: new RegExp(`^${name}, ${state}`) }).waitFor();
  }
  for (const count of ["1 unusual", "1 new", "2 cut off", "1 waits for you"]) await page.getByRole("button", { name: count }).waitFor();
  await page.context().close();
});

test("a phone gets lists, one device fills it, and the switch is under the thumb", async () => {
  const home = eventful();
  const page = await open(browser, server.url, home, phone);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("table").waitFor(); // the home comes a moment after the greeting
  assert.equal(await page.locator(".map").count(), 0);
  assert.equal(await page.getByRole("table").getByRole("row").count(), home.devices.length + 1);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.equal(wide, 0, "nothing sticks out");
  await page.getByRole("table").getByRole("button", { name: "Garden camera" }).click();
  const cut = await page.getByRole("button", { name: "Cut off…" }).boundingBox();
  assert.ok(cut.height >= 44 && cut.width > 300 && cut.y + cut.height <= PHONE.height && cut.y > 0.8 * PHONE.height);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("heading", { name: "What is happening" }).waitFor();
  await page.context().close();
});

test("under a finger every target is 44 pixels", async () => {
  const page = await open(browser, server.url, eventful(), { ...phone, hash: "#d=7" });
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  const small = await page.locator("button, summary, select, input:not([type=radio], [type=checkbox]), .choices label, .switchrow").evaluateAll((all) => all
    .map((e) => ({ text: e.textContent || e.id, box: e.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5)).map(({ text, box }) => `${text} ${box.width}x${box.height}`));
  assert.deepEqual(small, []);
  await page.context().close();
});

test("at the door, too, every target is 44 pixels under a finger", async () => {
  const page = await open(browser, server.url, shut(eventful()), phone);
  await page.getByLabel("User").waitFor();
  const small = await page.locator("button, input").evaluateAll((all) => all.map((e) => ({ id: e.id || e.textContent, box: e.getBoundingClientRect() }))
    .filter(({ box }) => box.height < 43.5 || box.width < 43.5).map(({ id }) => id));
  assert.deepEqual(small, []);
  await page.context().close();
});

test("a tablet's map has rows for fingers", async () => {
  const page = await open(browser, server.url, new FakeHome({ count: 60 }), { viewport: { width: 1024, height: 768 }, hasTouch: true, isMobile: true });
  await page.locator(".node.device").first().waitFor();
  const steps = await page.locator(".node.device .glyph").evaluateAll((all) => all.map((e) => e.getBoundingClientRect()).map((b) => b.y + b.height / 2));
  for (let i = 1; i < steps.length; i++) assert.ok(steps[i] - steps[i - 1] >= 43.5);
  await page.context().close();
});

test("hostile names are shown and do nothing", async () => {
  const home = new FakeHome();
  const evil = '<img src=x onerror="document.title=1">';
  Object.assign(home.devices[0], { name: evil });
  Object.assign(home.devices[1], { name: "cam\u202egnp.exe\u0000" });
  Object.assign(home.devices[2], { name: "Z\u0301".repeat(9) + "\u0301".repeat(500) });
  Object.assign(home.devices[3], { name: "W".repeat(4000) });
  home.owners[0][1] = "</svg><script>document.title=2</script>";
  home.events = [];
  home.tell({ text: `${evil} joined\u202e`, device: home.devices[0].mac });
  const page = await open(browser, server.url, home, { hash: "#d=1" });
  await page.getByRole("heading", { name: evil }).waitFor();
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await page.getByRole("table").getByText("cam\ufffdgnp.exe\ufffd").waitFor();
  assert.equal(await page.title(), "Spinneret");
  assert.equal(await page.locator("img, script:not([src])").count(), 0);
  assert.equal((await page.content()).includes("\u202e"), false);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  await page.getByRole("button", { name: "Map", exact: true }).click();
  await page.locator(".map").waitFor();
  await shoot(page, "hostile");
  const wide = await page.locator(".node.device .name").evaluateAll((all) => all.filter((e) => e.getBoundingClientRect().left < 14).map((e) => e.textContent));
  assert.deepEqual(wide, []);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a change of state is announced, a change of rates is not", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await page.locator("svg").getByRole("button", { name: /^Radio,/ }).waitFor();
  const heard = () => page.locator("[role=status]").allTextContents();
  home.delta({ r: [[6, 99, 99]] });
  await page.locator("svg").getByRole("button", { name: /^Radio, Normal, 198 B/ }).waitFor();
  assert.equal((await heard()).join(""), "");
  home.change(6, { findings: [{ id: 3, kind: "scan", severity: "warning", text: "asks every address", state: "open", flows: [], sources: [] }] });
  await page.locator("[role=status]").getByText("Radio: Unusual").waitFor();
  await page.context().close();
});
