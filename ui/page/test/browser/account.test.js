// Whoever is in: what a viewer is offered, the passwords, and the ways out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { DESK, gone, launch, open, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const radio = (page) => page.getByRole("button", { name: /^Radio,/ });

test("one who may only look is offered nothing to do, and told why", async () => {
  const home = new FakeHome();
  home.session = { user: "viewer", role: "viewer" };
  home.order(10, [{ id: "q4", level: "full", source: "owner", provider: null, why: "", since: home.status.now, until: null, to: [], passedPackets: 0, refusedPackets: 3, refusedBytes: 200, inForce: true }],
    { exceptions: ["192.0.2.10:443/tcp"], refuseMappings: true });
  home.tell({ kind: "quarantine", text: "Heating hub was cut off by the owner", device: home.devices[9].mac, undo: { method: "DELETE", path: `/api/v1/devices/${home.devices[9].mac}/quarantine` } });
  const held = home.add({ name: "esp-4f2a" });
  home.order(held, [{ ...home.devices[9].quarantine, id: "q8", level: "internet", why: "new device" }], { held: true });
  const page = await open(browser, server.url, home, { hash: "#d=10" });
  await page.getByRole("heading", { name: "Heating hub" }).waitFor();
  await page.getByText("Details", { exact: true }).click();
  await page.getByText("You may look. Only the owner can cut off, let in and change devices.").first().waitFor();
  await page.getByText("Everything by the owner").waitFor();
  await page.getByRole("region", { name: "New device esp-4f2a waits for the owner" }).waitFor();
  await page.getByText("It may never open one.").waitFor();
  await shoot(page, "viewer");
  for (const action of [/Cut off…|Change…/, /Let back in/, /^End/, /Allow/, /Keep out/, "Edit name and kind", "Add", /^Remove/, "Undo"]) {
    assert.equal(await page.getByRole("button", { name: action }).count(), 0, String(action));
  }
  assert.equal(await page.getByRole("switch").count() + await page.getByRole("textbox").count(), 0);
  await page.context().close();
});

test("logging out leaves nothing of the home on the page, nor on another one of the same browser", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  const other = await page.context().newPage();
  await home.wire(other);
  await other.goto(server.url);
  await radio(other).waitFor();
  await radio(page).waitFor();
  const menu = page.getByRole("button", { name: "Your login: Owner" });
  await menu.click();
  await page.getByText("You may look, cut off and let in.").waitFor();
  await shoot(page, "menu");
  await page.keyboard.press("Escape");
  await gone(page.getByRole("button", { name: "Log out", exact: true }));
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await menu.click();
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  for (const p of [page, other]) {
    await p.getByRole("heading", { name: "Log in to see your home" }).waitFor();
    assert.equal(await p.getByText("Radio").count(), 0);
  }
  assert.equal(page.url(), server.url);
  assert.equal(home.asks.filter((a) => a.includes("DELETE")).join(), "owner DELETE session");
  await page.context().close();
});

test("logging out everywhere ends the logins of other browsers too", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  const tablet = await open(browser, server.url, home, { viewport: { ...DESK, width: 800 } });
  await radio(tablet).waitFor();
  await page.getByRole("button", { name: "Your login: Owner" }).click();
  const everywhere = page.getByRole("button", { name: "Log out everywhere", description: /API tokens stay/ });
  await everywhere.click();
  await page.getByRole("heading", { name: "Log in to see your home" }).waitFor();
  assert.equal(home.asks.filter((a) => a.includes("DELETE")).join(), "owner DELETE session?all=1");
  await home.expire();
  await tablet.getByRole("dialog", { name: "Your login ended" }).waitFor();
  await page.context().close();
  await tablet.context().close();
});

test("the owner gives a viewer a password, and takes it away", async () => {
  const home = new FakeHome();
  home.passwords = { owner: "three small words" };
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  const openDialog = async () => {
    await page.getByRole("button", { name: "Your login: Owner" }).click();
    await page.getByRole("button", { name: "Passwords…" }).click();
    await page.getByRole("radio", { name: "Viewer" }).check();
    await page.getByLabel("The owner's password now").fill("three small words");
  };
  await openDialog();
  for (const label of ["New password", "The same once more"]) await page.getByLabel(label).fill("just looking");
  await shoot(page, "passwords");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("The password was changed.").waitFor();
  assert.equal(home.passwords.viewer, "just looking");
  await page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "Your login: Owner");
  await openDialog();
  await page.getByRole("button", { name: "Let no viewer in" }).click();
  await page.getByText("There is no viewer's password now.").waitFor();
  assert.equal(home.passwords.viewer, undefined);
  await openDialog();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await page.context().close();
});

test("another password for the owner wants the old one, but not of one who came from LuCI", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  const fill = async () => {
    await page.getByRole("button", { name: "Your login: Owner" }).click();
    await page.getByRole("button", { name: "Passwords…" }).click();
    for (const label of ["New password", "The same once more"]) await page.getByLabel(label).fill("four other small words");
  };
  await fill();
  await page.getByLabel("The owner's password now").fill("wrong");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByRole("alert").getByText("Not done: the owner's password now does not fit").waitFor();
  await page.waitForFunction(() => document.activeElement.id === "current");
  assert.equal(await page.getByLabel("The owner's password now").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("New password").getAttribute("aria-invalid"), "false");
  await page.getByRole("button", { name: "Cancel" }).click();
  home.session = { user: "luci", role: "owner" };
  await page.reload();
  await fill();
  assert.equal(await page.getByLabel("The owner's password now").count(), 0);
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("The password was changed.").waitFor();
  assert.equal(home.passwords.owner, "four other small words");
  await page.context().close();
});

test("a log-out that fails says so and changes nothing", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "Your login: Owner" }).click();
  home.down = true;
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await page.getByRole("dialog", { name: "Your login" }).getByRole("alert").getByText("Not done: the router did not answer").waitFor();
  await page.context().close();
});

async function openTokens(page) {
  await page.getByRole("button", { name: "Your login: Owner" }).click();
  await page.getByRole("button", { name: "API tokens…" }).click();
  return page.getByRole("dialog", { name: "API tokens" });
}

test("a token for another program is shown once, copied, and revoked on the second word", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  const sheet = await openTokens(page);
  await sheet.getByText("There are no tokens.").waitFor();
  const make = sheet.getByRole("button", { name: "Make a token" });
  await make.click();
  await sheet.getByRole("alert").getByText("Not done: say which program it is for").waitFor();
  await page.keyboard.type("Home Assistant");
  await page.keyboard.press("Enter");
  const fresh = sheet.getByLabel("The token of Home Assistant");
  await fresh.waitFor();
  assert.equal(await page.evaluate(() => getSelection().toString()), await fresh.inputValue(), "it is selected, ready to be copied");
  await sheet.getByRole("button", { name: "Copy" }).click();
  await sheet.getByRole("status").getByText("Copied.").waitFor();
  await shoot(page, "tokens");
  await sheet.getByRole("button", { name: "Close" }).click();
  await page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "Your login: Owner");
  await openTokens(page);
  await sheet.getByText(/^Home Assistant made \d\d:\d\d$/).waitFor();
  assert.equal(await fresh.count(), 0, "never again");
  await sheet.getByRole("button", { name: "Revoke: Home Assistant" }).click();
  assert.equal(home.tokens.length, 1, "it is asked for twice");
  await sheet.getByRole("button", { name: /^Really revoke: Home Assistant/ }).click();
  await sheet.getByText("There are no tokens.").waitFor();
  assert.deepEqual([home.tokens, page.complaints], [[], []]);
  await page.context().close();
});

test("a token that the router refuses leaves the name in the field; names of programs are only text", async () => {
  const home = new FakeHome();
  home.tokens = ["<img src=x onerror=alert(1)>", "a\u202eb"].map((name, i) => ({ id: `t${i + 1}`, name, created: home.status.now }));
  const page = await open(browser, server.url, home);
  const sheet = await openTokens(page);
  await sheet.getByText("<img src=x onerror=alert(1)>").waitFor();
  const name = sheet.getByLabel("For which program");
  await name.fill("one more");
  await name.press("Enter");
  await sheet.getByRole("alert").getByText("Not done: there are 16 tokens already: revoke one first").waitFor();
  assert.equal(await name.inputValue(), "one more");
  const labels = await sheet.getByRole("button", { name: /^Revoke/ }).evaluateAll((all) => all.map((b) => b.getAttribute("aria-label")));
  assert.equal(labels.length, 2);
  assert.doesNotMatch(labels.join(), /\u202e/, "nothing turns the text around");
  await page.context().close();
});

test("a token is still there, and the list read again, after a login in between", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  const sheet = await openTokens(page);
  await sheet.getByLabel("For which program").fill("Grafana");
  await page.keyboard.press("Enter");
  const token = await sheet.getByLabel("The token of Grafana").inputValue();
  await home.expire();
  const door = page.getByRole("dialog", { name: "Your login ended" });
  await door.getByLabel("Password", { exact: true }).fill("three small words");
  home.tokens.push({ id: "t2", name: "made elsewhere", created: home.status.now });
  await page.keyboard.press("Enter");
  await sheet.getByText("made elsewhere").waitFor();
  assert.equal(await sheet.getByLabel("The token of Grafana").inputValue(), token);
  await page.context().close();
});

test("where no login is wanted there is none to end, and no password and no token", async () => {
  const home = new FakeHome();
  home.session = { user: "owner", role: "owner", login: false };
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByRole("button", { name: "Cut off…" }).waitFor();
  await radio(page).waitFor();
  assert.equal(await page.getByRole("button", { name: /Your login/ }).count(), 0);
  await page.context().close();
});
