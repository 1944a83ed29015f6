// The door of a real router, from the first run to the last log-out. Each test goes on where the one before it ended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CAMERA, Router } from "./router.js";
import { holdToast, launch, open, shoot } from "./stage.js";

let router, browser, home, password = "three small words"; // home: the owner's own page, which stays open
before(async () => { router = await Router.start(); browser = await launch(); });
after(async () => { await browser.close(); await router.close(); });

const live = (page) => page.getByText("Live", { exact: true }).waitFor();
const camera = (page) => page.locator("svg").getByRole("button", { name: new RegExp(`^${CAMERA.name},`) });
const outside = (page) => page.getByRole("heading", { name: "Log in to see your home" }).waitFor();
const again = (page) => page.getByRole("dialog", { name: "Your login ended" });
const visit = (options) => open(browser, router.url, null, options);
const ask = async (page, method, path, data) => (await page.request.fetch(`${router.url}api/v1/${path}`, { method, data })).status();

async function login(page, within = page, words = password) {
  await within.getByLabel("Password", { exact: true }).fill(words);
  await page.keyboard.press("Enter");
}

async function menu(page, item) {
  await page.getByRole("button", { name: /^Your login:/ }).click();
  await page.getByRole("button", { name: item, exact: true }).click();
}

test("the first run: who comes first chooses the password, and is in", async () => {
  home = await visit();
  await home.getByRole("heading", { name: "Choose a password" }).waitFor();
  assert.equal(await ask(home, "GET", "devices"), 401);
  for (const label of ["New password", "The same once more"]) await home.getByLabel(label).fill(password);
  await home.keyboard.press("Enter");
  await live(home);
  await camera(home).waitFor();
  await home.getByRole("button", { name: "Your login: Owner" }).waitFor();
  await shoot(home, "router");
});

test("a second browser is asked for it: a wrong one lets nobody in, the right one does", async () => {
  const page = await visit();
  await outside(page);
  await login(page, page, "three wrong words");
  await page.getByRole("alert").getByText("User and password do not fit.").waitFor();
  assert.equal(await ask(page, "GET", "devices"), 401);
  await login(page);
  await camera(page).waitFor();
  await menu(page, "Log out");
  await outside(page);
  assert.equal(await page.getByText(CAMERA.name).count(), 0);
  await page.context().close();
});

test("a ticket from LuCI lets a viewer in, once, and stays in no address and no history", async () => {
  const hash = `#ticket=${await router.ticket("viewer")}`;
  const page = await visit({ hash });
  await page.getByRole("button", { name: "Your login: Viewer" }).waitFor();
  assert.deepEqual([page.url(), await page.evaluate(() => history.length)], [router.url, 2]); // with the empty page
  await camera(page).click();
  await page.getByRole("heading", { name: CAMERA.name }).waitFor();
  assert.equal(await page.getByRole("button", { name: /Cut off|Edit/ }).count(), 0);
  assert.deepEqual(await Promise.all([
    ask(page, "PUT", `devices/${CAMERA.mac}/quarantine`, {}), ask(page, "GET", "tokens"), ask(page, "GET", "devices"),
  ]), [403, 403, 200]);
  const late = await visit({ hash });
  await late.getByRole("alert").getByText(/The link is no longer good/).waitFor();
  assert.deepEqual([late.url(), page.complaints, late.complaints], [router.url, [], []]);
  await late.context().close();
  await page.context().close();
});

test("a session that ends in the middle of work: after the login one is at the same place, and nothing is lost", async () => {
  await camera(home).click();
  await home.getByRole("button", { name: "Cut off…" }).click();
  const question = home.getByRole("dialog", { name: `Cut off ${CAMERA.name}?` });
  await question.getByRole("radio", { name: "Internet only" }).check();
  const reason = question.getByRole("textbox", { name: "Reason (optional)" });
  await reason.fill("strange upload");
  const place = home.url();
  assert.match(place, /#d=\d+$/);
  assert.equal(await ask(home, "DELETE", "session"), 204); // behind the page's back
  await again(home).waitFor();
  await login(home, again(home));
  await live(home);
  assert.equal(home.url(), place);
  assert.equal(await reason.inputValue(), "strange upload");
  await home.waitForFunction(() => document.activeElement.value === "strange upload");
  await question.getByRole("button", { name: "Cut off from internet" }).click();
  await holdToast(home);
  await home.getByText("Cut off from the internet · confirmed by the firewall").waitFor();
  await home.getByRole("button", { name: "Undo" }).click();
  await home.getByRole("button", { name: "Cut off…" }).waitFor();
});

test("a session that ran out while the router was away: the device and what was typed are still there", async () => {
  await home.getByRole("button", { name: "Edit name and kind" }).click();
  const name = home.getByRole("textbox", { name: "Name" });
  await name.fill("Porch");
  await router.halt();
  assert.ok(await router.age(31) > 0);
  await router.boot();
  await again(home).waitFor();
  await shoot(home, "router-expired");
  await login(home, again(home));
  await live(home);
  assert.equal(await name.inputValue(), "Porch");
  await name.press("Enter");
  await home.getByRole("heading", { name: "Porch" }).waitFor();
  await home.getByRole("button", { name: "Edit name and kind" }).click();
  await name.fill("");
  await name.press("Enter");
  await home.getByRole("heading", { name: CAMERA.name }).waitFor();
});

test("a token reads, changes nothing, and is over when it is revoked", async () => {
  await menu(home, "API tokens…");
  const sheet = home.getByRole("dialog", { name: "API tokens" });
  await sheet.getByLabel("For which program").fill("Grafana");
  await home.keyboard.press("Enter");
  const headers = { Authorization: `Bearer ${await sheet.getByLabel("The token of Grafana").inputValue()}` };
  await sheet.getByRole("button", { name: "Copy" }).click();
  await sheet.getByRole("status").getByText("Copied.").waitFor();
  const use = async (method, path) => (await fetch(`${router.url}api/v1/${path}`, { method, headers })).status;
  assert.deepEqual([await use("GET", "devices"), await use("DELETE", `devices/${CAMERA.mac}/quarantine`)], [200, 403]);
  await sheet.getByRole("button", { name: "Revoke: Grafana" }).click();
  await sheet.getByRole("button", { name: /^Really revoke: Grafana/ }).click();
  await sheet.getByText("There are no tokens.").waitFor();
  assert.equal(await use("GET", "devices"), 401);
  await sheet.getByRole("button", { name: "Close" }).click();
});

test("another password throws out who came in with the old one", async () => {
  const tablet = await visit();
  await login(tablet);
  await live(tablet);
  await menu(home, "Passwords…");
  const next = "four other small words";
  for (const label of ["New password", "The same once more"]) await home.getByLabel(label).fill(next);
  const current = home.getByLabel("The owner's password now");
  await current.fill("not this");
  await home.keyboard.press("Enter");
  await home.getByRole("alert").getByText("Not done: the owner's password now does not fit").waitFor();
  await current.fill(password);
  await home.keyboard.press("Enter");
  await home.getByText("The password was changed.").waitFor();
  await again(tablet).waitFor();
  await login(tablet, again(tablet));
  await tablet.getByRole("alert").getByText("User and password do not fit.").waitFor();
  password = next;
  await login(tablet, again(tablet));
  await live(tablet);
  await live(home);
  assert.deepEqual(tablet.complaints, []);
  await tablet.context().close();
});

test("logging out everywhere shows the other browser the door, and why; a kept cookie opens nothing", async () => {
  const tablet = await visit();
  await login(tablet);
  await camera(tablet).waitFor();
  const cookies = await home.context().cookies();
  await menu(home, "Log out everywhere");
  await outside(home);
  await again(tablet).getByText(/was ended elsewhere: by a log-out everywhere/).waitFor();
  await home.context().addCookies(cookies);
  assert.equal(await ask(home, "GET", "devices"), 401);
  await home.reload();
  await outside(home);
  assert.deepEqual([home.complaints, tablet.complaints], [[], []]);
  await tablet.context().close();
  await home.context().close();
});
