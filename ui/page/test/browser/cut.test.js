import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { gone, holdToast, launch, open, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const CONFIRMED = /Cut off · confirmed by the firewall/;

async function ask(home, options) {
  const page = await open(browser, server.url, home, { hash: "#d=7", ...options });
  await page.getByRole("button", { name: "Cut off…" }).click();
  await page.getByRole("dialog", { name: "Cut off Front-door camera?" }).waitFor();
  return page;
}

const yes = (page) => page.getByRole("dialog").getByRole("button", { name: "Cut off", exact: true });

test("the question says what stops, and keeping it on is what Enter does", async () => {
  const home = new FakeHome();
  const page = await ask(home);
  await page.getByRole("dialog").getByText("cam.example.net").waitFor();
  await shoot(page, "dialog");
  await page.waitForFunction(() => document.activeElement.textContent === "Keep it on");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.deepEqual(home.requests, []);
  await page.context().close();
});

test("Esc closes the question and nothing else", async () => {
  const home = new FakeHome();
  const page = await ask(home);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "What is happening" }).waitFor();
  assert.deepEqual(home.requests, []);
  await page.context().close();
});

test("a device is cut off, confirmed, proved, and let back in by undo", async () => {
  const home = new FakeHome();
  const page = await ask(home);
  await yes(page).click();
  await page.getByText(CONFIRMED).waitFor();
  await holdToast(page);
  assert.deepEqual(home.requests, [{ method: "PUT", path: `devices/${home.devices[6].mac}/quarantine`, body: { level: "full" } }]);
  const holds = page.getByRole("list", { name: "What holds it" });
  await holds.getByText("Everything by you").waitFor();
  await holds.getByText(/^since \d\d:\d\d, until it is let back in$/).waitFor();
  await holds.getByText(/^0 passed, 37 refused since \d\d:\d\d$/).waitFor();
  await page.getByRole("region", { name: "Cut off" }).getByText("0 passed, 37 refused").waitFor();
  await page.getByText("Cut off: Front-door camera.").waitFor();
  await shoot(page, "cut");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Front-door camera is let in.").waitFor();
  await page.getByRole("button", { name: "Cut off…" }).waitFor();
  await gone(page.getByText(CONFIRMED));
  assert.equal(home.requests.at(-1).method, "DELETE");
  assert.match(home.requests.at(-1).path, /\?source=owner$/, "undo takes back what was done, not what others ordered");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

for (const [label, check] of [["For 1 hour", (b) => assert.deepEqual(b, { level: "full", for: "1h" })],
  [/^Until (today|tomorrow) 07:00$/, (b) => assert.match(b.until, /T07:00:00Z$/)]]) {
  test(`the owner chooses how long: ${label}`, async () => {
    const home = new FakeHome();
    const page = await ask(home);
    await page.getByLabel(label).check();
    await yes(page).click();
    await page.getByText(CONFIRMED).waitFor();
    check(home.requests[0].body);
    await page.context().close();
  });
}

test("while the router works the button says so, and nothing is called confirmed", async () => {
  const home = new FakeHome();
  let go;
  home.hold = new Promise((done) => { go = done; });
  const page = await ask(home);
  await yes(page).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cutting off…" }).waitFor();
  assert.equal(await page.getByText(CONFIRMED).count(), 0);
  go();
  await page.getByText(CONFIRMED).waitFor();
  await page.context().close();
});

test("a yes from the router without the device's own state is not believed", async () => {
  const home = new FakeHome();
  home.dumb = true;
  const page = await ask(home);
  await yes(page).click();
  await page.getByRole("alert").getByText("Not cut off: the firewall did not confirm it in time").waitFor();
  assert.equal(await page.getByText(CONFIRMED).count(), 0);
  await page.context().close();
});

test("a failure is said in words and the old state holds", async () => {
  const home = new FakeHome();
  home.refuse = { type: "urn:spinneret:firewall", title: "Firewall failed", status: 503, detail: "the kernel refused the rules; the old state is in force" };
  const page = await ask(home);
  await yes(page).click();
  await page.getByRole("alert").getByText("Not cut off: the kernel refused the rules; the old state is in force").waitFor();
  await shoot(page, "failure");
  await page.getByRole("button", { name: "Keep it on" }).click();
  await page.locator("svg").getByRole("button", { name: /^Front-door camera, Normal/ }).waitFor();
  await page.context().close();
});

test("the device in the owner's hand gets a warning of its own, also when only the router knows", async () => {
  const home = new FakeHome();
  home.refuse = (order) => (order?.acknowledge ? null : { type: "urn:spinneret:own-device", title: "Own device", status: 409, detail: "x" });
  const page = await ask(home);
  await yes(page).click();
  await page.getByText(/device you are using now/).waitFor();
  await page.getByRole("button", { name: "Cut off anyway" }).click();
  await page.getByText(CONFIRMED).waitFor();
  assert.equal(home.requests.at(-1).body.acknowledge, true);

  const known = await open(browser, server.url, new FakeHome(), { hash: "#d=1" });
  await known.getByRole("button", { name: "Cut off…" }).click();
  await known.getByText(/device you are using now/).waitFor();
  await known.context().close();
  await page.context().close();
});

test("the way back is on the device, in the block of what is cut off, and on its event", async () => {
  const home = new FakeHome();
  const page = await ask(home);
  await yes(page).click();
  await page.getByText(CONFIRMED).waitFor();
  for (const place of [page.locator(".panel"), page.getByRole("region", { name: "Cut off" }), page.getByRole("region", { name: "Events" })]) {
    await place.getByRole("button", { name: "Let back in" }).waitFor();
  }
  await page.getByRole("region", { name: "Events" }).getByRole("button", { name: "Let back in" }).click();
  await page.getByRole("button", { name: "Cut off…" }).waitFor();
  await page.context().close();
});

test("what the firewall lost is not called confirmed, and comes back by itself", async () => {
  const home = new FakeHome();
  const page = await ask(home);
  await yes(page).click();
  await page.getByText(CONFIRMED).waitFor();
  const [held] = home.devices[6].quarantines;
  home.order(7, [{ ...held, inForce: false }]);
  for (const place of [page.locator(".panel .confirm"), page.getByRole("region", { name: "Cut off" })]) {
    await place.getByText("Not in force: the firewall was changed by another program, putting it back").waitFor();
  }
  await page.getByRole("list", { name: "What holds it" }).getByText("Not in force").waitFor();
  await gone(page.getByText(CONFIRMED));
  await page.locator("svg").getByRole("button", { name: /^Front-door camera, Unusual/ }).waitFor();
  await page.getByRole("button", { name: "1 unusual" }).waitFor();
  await shoot(page, "not-in-force");
  home.order(7, [held]);
  await page.getByText(CONFIRMED).waitFor();
  await page.context().close();
});

test("a firewall that failed is said in the badge", async () => {
  const home = new FakeHome();
  home.status.firewall = { state: "failed", at: null, error: "table was deleted" };
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "1 blind spot" }).click();
  await page.getByText("The firewall does not take our rules, the old ones stay: table was deleted").waitFor();
  await page.context().close();
});

test("letting in that fails says so", async () => {
  const home = new FakeHome();
  const page = await ask(home);
  await yes(page).click();
  await page.getByText(CONFIRMED).waitFor();
  await holdToast(page);
  home.refuse = { type: "urn:spinneret:busy", title: "Busy", status: 503, detail: "another change is under way" };
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Front-door camera stays cut off: another change is under way").waitFor();
  await page.getByText(CONFIRMED).waitFor();
  await page.context().close();
});
