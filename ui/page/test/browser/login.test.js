// The door: the first password, logging in with and without luck, and a ticket from the router's own page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { gone, launch, open, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const radio = (page) => page.getByRole("button", { name: /^Radio,/ });
const field = (page) => page.getByLabel("Password", { exact: true });
const live = (page) => page.getByText("Live", { exact: true }).waitFor();
const unasked = (home) => assert.deepEqual(home.asks.filter((a) => a.startsWith("nobody") && !/ session/.test(a)), [], "no data before the login");

function closed(members = {}) {
  return Object.assign(new FakeHome(), { session: null }, members);
}

async function login(page, password) {
  await field(page).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

test("nothing of the home is asked for before the login; Enter logs in", async () => {
  const home = closed();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByRole("heading", { name: "Log in to see your home" }).waitFor();
  await shoot(page, "login");
  assert.equal(await page.getByLabel("User").inputValue(), "owner");
  await page.waitForFunction(() => document.activeElement.id === "password"); // the password comes first: the user is there already
  assert.deepEqual(home.asks, ["nobody GET session"]);
  await page.keyboard.type("three small words");
  await page.keyboard.press("Enter");
  await live(page);
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  unasked(home);
  assert.deepEqual(home.asks.slice(0, 3), ["nobody GET session", "nobody POST session", "owner GET session"]);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("password managers and screen readers find their way", async () => {
  const page = await open(browser, server.url, closed());
  await field(page).waitFor();
  assert.equal(await page.getByLabel("User").getAttribute("autocomplete"), "username");
  assert.equal(await field(page).getAttribute("autocomplete"), "current-password");
  assert.equal(await field(page).getAttribute("type"), "password");
  assert.equal(await page.locator("form").getAttribute("method"), "post", "without the script no password gets into an address");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "Show: Password");
  await page.keyboard.press("Enter");
  assert.equal(await field(page).getAttribute("type"), "text");
  await page.getByRole("button", { name: "Hide: Password" }).click();
  assert.equal(await field(page).getAttribute("type"), "password");
  await page.context().close();
});

test("locked capitals are said", async () => {
  const page = await open(browser, server.url, closed());
  const press = (locked) => field(page).evaluate((e, modifierCapsLock) => e.dispatchEvent(new KeyboardEvent("keydown", { key: "A", bubbles: true, modifierCapsLock })), locked);
  await press(true);
  await page.getByRole("status").getByText("Caps lock is on.").waitFor();
  await press(false);
  await page.getByText("Caps lock is on.").waitFor({ state: "detached" });
  await page.context().close();
});

test("a wrong password is said aloud and shows nothing", async () => {
  const home = closed();
  const page = await open(browser, server.url, home);
  await login(page, "wrong words");
  await page.getByRole("alert").getByText("User and password do not fit.").waitFor();
  await shoot(page, "login-wrong");
  await page.waitForFunction(() => document.activeElement.id === "password");
  await page.keyboard.type("three small words"); // over what was there
  await page.keyboard.press("Enter");
  await radio(page).waitFor();
  await gone(page.getByRole("alert"));
  unasked(home);
  await page.context().close();
});

test("too many attempts: how long to wait is said once and counted down on the button", async () => {
  const home = closed({ wait: 3000 });
  const page = await open(browser, server.url, home);
  await page.clock.install();
  await login(page, "three small words");
  await page.getByRole("alert").getByText("Too many attempts: try again in 50 min.").waitFor();
  await shoot(page, "login-wait");
  const wait = page.getByRole("button", { name: /^Wait \d+ s$/ });
  assert.equal(await wait.isDisabled(), true);
  await page.getByRole("button", { name: /^Wait 2[89]\d\d s$/ }).waitFor();
  await page.getByRole("alert").getByText("try again in 50 min.").waitFor();
  const tried = home.asks.length;
  await field(page).press("Enter");
  home.wait = 0;
  await page.clock.runFor(3000_000);
  await page.getByRole("button", { name: "Log in" }).click();
  await radio(page).waitFor();
  assert.equal(home.asks.filter((a) => a.includes("POST session")).length, 2, `nothing was sent while waiting (${tried})`);
  await page.context().close();
});

test("a router that does not answer the login is said, and the password stays", async () => {
  const home = closed();
  const page = await open(browser, server.url, home);
  await field(page).fill("three small words");
  home.down = true;
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").getByText("Not done: the router did not answer").waitFor();
  home.down = false;
  await page.getByRole("button", { name: "Log in" }).click();
  await radio(page).waitFor();
  await page.context().close();
});

test("a browser that keeps no cookie is told so", async () => {
  const home = closed();
  const page = await open(browser, server.url, home);
  await page.route("**/api/v1/session", (route) => (route.request().method() === "POST" ? route.fulfill({ status: 204 }) : route.fallback()));
  await login(page, "three small words");
  await page.getByRole("alert").getByText(/this browser kept no cookie/).waitFor();
  await page.context().close();
});

test("the first run: a password is chosen, by a plain rule, twice", async () => {
  const home = closed({ passwords: {} });
  const page = await open(browser, server.url, home);
  await page.getByRole("heading", { name: "Choose a password" }).waitFor();
  const first = page.getByLabel("New password");
  const again = page.getByLabel("The same once more");
  assert.deepEqual(await Promise.all([first, again].map((f) => f.getAttribute("autocomplete"))), ["new-password", "new-password"]);
  await page.getByText("At least 8 characters; three words will do.").waitFor();
  await shoot(page, "setup");
  const set = page.getByRole("button", { name: "Set password" });
  const refused = (words) => page.getByRole("alert").getByText(words).waitFor();
  await first.fill("short");
  await set.click();
  await refused("Not done: it is too short");
  await first.fill("my three words");
  await again.fill("my tree words");
  await set.click();
  await refused("Not done: the two are not the same");
  await page.waitForFunction(() => document.activeElement.id === "again");
  assert.equal(home.asks.some((a) => a.includes("POST")), false, "what cannot be is not sent");
  await first.fill("aaaaaaaa");
  await again.fill("aaaaaaaa");
  await set.click();
  await refused("Not done: password is one character repeated: use another");
  await first.fill("my three words");
  await again.fill("my three words");
  await again.press("Enter");
  await live(page);
  assert.equal(home.passwords.owner, "my three words");
  unasked(home);
  await page.context().close();
});

test("who comes second to the first run is asked for the password", async () => {
  const home = closed({ passwords: {} });
  const page = await open(browser, server.url, home);
  await page.getByLabel("New password").fill("my three words");
  await page.getByLabel("The same once more").fill("my three words");
  home.passwords.owner = "somebody else's";
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByRole("heading", { name: "Log in to see your home" }).waitFor();
  await page.getByRole("alert").getByText(/a password is set already/).waitFor();
  await login(page, "somebody else's");
  await radio(page).waitFor();
  await page.context().close();
});

test("a ticket lets in and is gone from the address bar and the history", async () => {
  const home = closed({ tickets: { abc_123: "viewer" } });
  const page = await open(browser, server.url, home, { hash: "#ticket=abc_123" });
  await live(page);
  assert.equal(page.url(), server.url);
  await page.getByRole("button", { name: "Your login: Viewer" }).waitFor();
  assert.deepEqual(home.asks.slice(0, 2), ["nobody POST session", "viewer GET session"]);
  unasked(home);
  await page.reload();
  await live(page);
  assert.equal(home.asks.filter((a) => a.includes("POST session")).length, 1);
  await page.context().close();
});

test("a ticket that was used leads to the login, with words", async () => {
  const home = closed();
  const page = await open(browser, server.url, home, { hash: "#ticket=old" });
  await page.getByRole("alert").getByText(/The link is no longer good/).waitFor();
  await shoot(page, "login-ticket");
  assert.equal(page.url(), server.url);
  await login(page, "three small words");
  await radio(page).waitFor();
  await page.context().close();
});

test("a ticket that comes to an open page is taken there", async () => {
  const home = new FakeHome();
  home.session = { user: "viewer", role: "viewer" };
  home.tickets = { abc: "owner" };
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "Your login: Viewer" }).waitFor();
  await page.evaluate(() => { location.hash = "ticket=abc"; });
  await page.getByRole("button", { name: "Your login: Owner" }).waitFor();
  assert.equal(page.url(), server.url);
  await page.evaluate(() => { location.hash = "ticket=abc"; });
  await page.getByText(/The link is no longer good/).waitFor();
  await radio(page).waitFor();
  await page.context().close();
});

test("a viewer logs in by name", async () => {
  const home = closed();
  const page = await open(browser, server.url, home);
  await page.getByLabel("User").fill("viewer");
  await login(page, "just looking");
  await page.getByRole("button", { name: "Your login: Viewer" }).waitFor();
  await page.context().close();
});
