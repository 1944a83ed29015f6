import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { gone, launch, open, PHONE, serve, settles, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const radio = (page) => page.getByRole("button", { name: /^Radio,/ });

test("a lost link freezes the picture, says how old it is and takes the switches away; then it returns", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByText("Live", { exact: true }).waitFor();
  await radio(page).waitFor();
  await home.fall();
  await page.getByRole("alert").getByText(/^Lost the router \d+ s ago, showing \d\d:\d\d:\d\d\. Trying again…$/).waitFor();
  await page.getByText("Lost", { exact: true }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Cut off…" }).isDisabled(), true);
  assert.equal(await radio(page).count(), 1, "the picture stays");
  await shoot(page, "lost");
  home.back();
  await page.getByText("Live", { exact: true }).waitFor();
  await gone(page.getByRole("alert"));
  assert.equal(await page.getByRole("button", { name: "Cut off…" }).isDisabled(), false);
  await settles(() => {
    assert.deepEqual(home.asked.filter((a) => a.t === "resume").at(-1), { t: "resume", epoch: "e1", seq: 1 });
    assert.ok(home.asked.filter((a) => a.t === "focus" && a.dev === 7).length >= 2, "what was in focus is asked for again");
  });
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("on a phone the words about a lost link stay over the device that fills the screen", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { viewport: PHONE, isMobile: true, hasTouch: true, hash: "#d=7" });
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await home.fall();
  const words = await page.getByRole("alert").boundingBox();
  assert.equal(words.y, 0);
  assert.deepEqual(await page.locator(".panel").boundingBox(), { x: 0, y: 0, ...PHONE });
  const title = await page.getByRole("heading", { name: "Front-door camera" }).boundingBox();
  assert.ok(title.y > words.height);
  await shoot(page, "lost-phone");
  await page.context().close();
});

test("coming back online connects at once", async () => {
  const home = new FakeHome();
  const script = "const later = window.setTimeout; window.setTimeout = (what, ms, ...more) => (ms < 300 ? later(what, ms, ...more) : 0)"; // no retry
  const page = await open(browser, server.url, home, { script });
  await radio(page).waitFor();
  await home.fall();
  await page.getByText("Lost", { exact: true }).waitFor();
  home.back();
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.getByText("Live", { exact: true }).waitFor();
  await page.context().close();
});

test("a router that started again numbers all anew and the page follows", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await radio(page).waitFor();
  await home.fall();
  home.epoch = "e2";
  home.seq = 1;
  home.devices.length = 0;
  home.pairs.length = 0;
  home.add({ name: "Only one" });
  home.back();
  await page.getByRole("button", { name: /^Only one,/ }).waitFor();
  await gone(radio(page));
  await page.getByRole("heading", { name: "What is happening" }).waitFor();
  await page.context().close();
});

test("a device that is looked at is still looked at when the router numbers it anew", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  const name = page.getByRole("textbox", { name: "Name" });
  await page.getByRole("button", { name: "Edit name and kind" }).click();
  await name.fill("Porch");
  await home.fall();
  home.epoch = "e2";
  home.seq = 1;
  const [camera] = home.devices.splice(6, 1);
  home.devices.unshift(camera);
  home.devices.forEach((d, i) => { d.id = i + 1; });
  home.back();
  await page.waitForFunction(() => location.hash === "#d=1");
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  assert.equal(await name.inputValue(), "Porch");
  await settles(() => assert.deepEqual(home.asked.filter((a) => a.t === "focus").at(-1), { t: "focus", dev: 1 }));
  await page.context().close();
});

test("before anything is known the page says that it learns", async () => {
  const home = new FakeHome({ count: 0 });
  const page = await open(browser, server.url, home);
  await page.getByRole("heading", { name: "Learning your home" }).waitFor();
  await shoot(page, "learning");
  await page.context().close();
});

test("a device that was cut off itself is told so, in the router's words", async () => {
  const page = await open(browser, server.url, null);
  await page.routeWebSocket("**/api/v1/stream", (ws) => ws.close());
  await page.route("**/api/v1/**", (route) => route.fulfill({ status: 403, contentType: "application/problem+json", body: '{"type":"urn:spinneret:not-allowed","detail":"this device is cut off"}' }));
  await page.reload();
  await page.getByRole("alert").getByText("The router shows nothing: this device is cut off. Trying again…").waitFor();
  await page.context().close();
});

test("eight pages are enough: the ninth is told", async () => {
  const page = await open(browser, server.url, null);
  await page.routeWebSocket("**/api/v1/stream", (ws) => ws.close());
  await page.route("**/api/v1/session", (route) => route.fulfill({ json: { user: "owner", role: "owner", setup: false } }));
  await page.reload();
  await page.getByRole("alert").getByText(/Too many pages are open/).waitFor();
  await page.context().close();
});

test("another version on the router asks for a reload", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await radio(page).waitFor();
  await home.fall();
  home.status.version = "0.2.0";
  home.back();
  await page.getByText("Spinneret was updated.").waitFor();
  await page.getByRole("button", { name: "Reload" }).click();
  await radio(page).waitFor();
  await page.context().close();
});

test("a page from an older version than the router's says so from its first moment", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, null);
  await page.route(server.url, (route) => route.fulfill({ contentType: "text/html", body: '<script src="/assets/index-Another.js"></script>' }));
  await home.wire(page);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.getByText("Spinneret was updated.").waitFor();
  await page.context().close();
});

test("a router whose clock is not set says so aloud", async () => {
  const home = new FakeHome();
  home.status.clockSet = false;
  const page = await open(browser, server.url, home);
  await page.getByRole("status").getByText("The router's clock is not set yet: times may be wrong.").waitFor();
  await page.getByRole("button", { name: "1 blind spot" }).click();
  await page.getByText(/^Removed to make room: connections now in the kernel \(1,234,567\)\.$/).waitFor();
  await page.context().close();
});

test("a hidden tab wants no frames, a visible one catches up", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await radio(page).waitFor();
  const hide = (hidden) => page.evaluate((h) => {
    Object.defineProperty(document, "hidden", { value: h, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await hide(true);
  await hide(false);
  await settles(() => assert.deepEqual(home.asked.filter((a) => a.t === "view").map((a) => a.hz), [4, 0, 4]));
  await page.context().close();
});

test("how closely it looks and how full its memory is can be read, also where all is well", async () => {
  const home = new FakeHome();
  home.status.stores = [{ name: "flows", used: 412, limit: 16384, evicted: 0 }, { name: "DNS <b>ports</b>", used: 1024, limit: 1024, evicted: 12345 }];
  home.status.losses = [{ where: "nflog", lost: 0 }];
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "Status" }).click();
  const sheet = page.getByRole("dialog", { name: "What this page sees, and what not" });
  await sheet.getByText("As far as is known, nothing is missing.").waitFor();
  await sheet.getByText("How closely it looks: level 2").waitFor();
  await sheet.getByText("How full its memory is").click();
  const rows = sheet.getByRole("table", { name: "How full its memory is" }).getByRole("row");
  assert.deepEqual(await rows.allInnerTexts(), ["Of what\tUsed\tRoom\tLet go", "flows\t412\t16,384\t0", "DNS <b>ports</b>\t1,024\t1,024\t12,345"]);
  await shoot(page, "status");
  await sheet.getByText("Removed to make room: DNS <b>ports</b> (12,345).").waitFor();
  await sheet.locator('p [lang="en"]', { hasText: "DNS <b>ports</b> (12,345)" }).waitFor();
  await sheet.getByRole("button", { name: "Close" }).click();
  await page.waitForFunction(() => document.activeElement.textContent === "Status");
  await page.context().close();
});

test("blind spots are said aloud", async () => {
  const home = new FakeHome();
  home.status.blindSpots = ["flow offloading is on: <b>fast</b> flows are not seen"];
  home.status.losses = [{ where: "nflog", lost: 1200 }];
  for (const level of [2, 3]) home.status.levels[level] = { level, ok: false, why: "no bridge nf_tables: install kmod-nft-bridge" };
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "3 blind spots" }).click();
  await page.getByText("flow offloading is on: <b>fast</b> flows are not seen").waitFor();
  await page.getByText("Missed or left out, nflog: 1,200.").waitFor();
  await page.getByText("Missing here, level 2, 3: no bridge nf_tables: install kmod-nft-bridge").waitFor();
  await page.context().close();
});
