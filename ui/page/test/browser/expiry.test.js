// A session that ends in the middle of work: the picture stands still, the login comes over it, and one is back in place.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { launch, open, PHONE, serve, settles, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const door = (page) => page.getByRole("dialog", { name: "Your login ended" });
const radio = (page) => page.locator("svg").getByRole("button", { name: /^Radio,/ });
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "");

async function comeBack(page, user) {
  if (user) await door(page).getByLabel("User").fill(user);
  await door(page).getByLabel("Password", { exact: true }).fill(user === "viewer" ? "just looking" : "three small words");
  await page.keyboard.press("Enter");
  await door(page).waitFor({ state: "detached" });
  await page.getByText("Live", { exact: true }).waitFor();
}

test("the picture stands still under the login; after it one is where one was", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await radio(page).focus();
  const place = await page.locator(".map").boundingBox();
  await home.expire();
  await door(page).waitFor();
  await page.getByText("Paused", { exact: true }).waitFor();
  await door(page).getByText(/^It ran out, or was ended elsewhere: .* Log in, and you go on where you were\./).waitFor();
  await shoot(page, "expired");
  assert.deepEqual(await page.locator(".map").boundingBox(), place, "the picture stays, and does not move");
  await page.waitForFunction(() => document.activeElement.id === "password");
  for (let i = 0; i < 3; i++) await page.keyboard.press("Escape");
  assert.equal(await door(page).isVisible(), true, "Esc does not get past it");
  const before = home.asks.length;
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.waitForFunction(() => true);
  await comeBack(page);
  assert.deepEqual(home.asks.slice(before).filter((a) => a.startsWith("nobody") && !/ session/.test(a)), [], "nothing is asked for while it is shut");
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await page.waitForFunction(() => /^Radio,/.test(document.activeElement.getAttribute("aria-label") ?? ""));
  await settles(() => assert.ok(home.asked.filter((a) => a.t === "focus" && a.dev === 7).length >= 2, "the device is in focus again"));
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a cut-off that came too late is not done, not lost and not repeated", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByRole("button", { name: "Cut off…" }).click();
  await page.getByRole("radio", { name: "Internet only" }).check();
  await page.getByRole("textbox", { name: "Reason (optional)" }).fill("strange upload");
  home.session = null; // it ended, and the page does not know yet
  await page.getByRole("button", { name: "Cut off from internet" }).click();
  await door(page).getByText("What you asked for last was not done: do it again then.").waitFor();
  await shoot(page, "expired-undone");
  await comeBack(page);
  const dialog = page.getByRole("dialog", { name: "Cut off Front-door camera?" });
  await dialog.getByRole("alert").getByText("Not cut off: your login has ended, nothing was changed").waitFor();
  assert.equal(await dialog.getByRole("radio", { name: "Internet only" }).isChecked(), true);
  assert.equal(await dialog.getByRole("textbox", { name: "Reason (optional)" }).inputValue(), "strange upload");
  await page.waitForFunction(() => document.activeElement.textContent === "Keep it on");
  assert.deepEqual(home.requests, [], "the router was asked once, in vain");
  await shoot(page, "expired-back");
  await dialog.getByRole("button", { name: "Cut off from internet" }).click();
  await page.getByText("Cut off from the internet · confirmed by the firewall").waitFor();
  assert.deepEqual(home.requests.map((r) => r.body), [{ level: "internet", why: "strange upload" }]);
  await page.context().close();
});

test("a cut-off that the router took before the session ended is told after the login", async () => {
  const home = new FakeHome();
  let answer;
  home.hold = new Promise((go) => { answer = go; });
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByRole("button", { name: "Cut off…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cut off", exact: true }).click();
  await page.getByRole("button", { name: "Cutting off…" }).last().waitFor();
  await home.expire();
  await door(page).waitFor();
  assert.equal(await door(page).getByText("was not done").count(), 0);
  answer();
  await page.waitForFunction(() => true);
  assert.equal(await page.getByText("Cut off: Front-door camera.").count(), 0, "nobody would hear it behind the login");
  await comeBack(page);
  await page.getByText("Cut off: Front-door camera.").waitFor();
  await page.getByText("Cut off · confirmed by the firewall").waitFor();
  assert.equal(home.requests.length, 1);
  await page.context().close();
});

test("letting in that came too late is told after the login, in words", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByRole("button", { name: "Cut off…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cut off", exact: true }).click();
  await page.getByText("Cut off · confirmed by the firewall").waitFor();
  home.session = null;
  await page.locator(".panel").getByRole("button", { name: "Let back in" }).click();
  await comeBack(page);
  await page.getByText("Front-door camera stays cut off: your login has ended, nothing was changed").waitFor();
  assert.equal(home.requests.length, 1);
  assert.notEqual(await focused(page), "Let back in", "a second Enter at the login must let nobody in");
  await page.context().close();
});

test("what was typed into a form is still there", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByRole("button", { name: "Edit name and kind" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Porch");
  await home.expire();
  await comeBack(page);
  await page.waitForFunction(() => document.activeElement.value === "Porch");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Porch" }).waitFor();
  await page.context().close();
});

test("a password that came too late is not set, and is still there", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "Your login: Owner" }).click();
  await page.getByRole("button", { name: "Passwords…" }).click();
  await page.getByLabel("The owner's password now").fill("three small words");
  for (const label of ["New password", "The same once more"]) await page.getByLabel(label).fill("other words");
  home.session = null;
  await page.getByRole("button", { name: "Set password" }).click();
  await comeBack(page);
  await page.getByRole("alert").getByText("Not done: your login has ended").waitFor();
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("The password was changed.").waitFor();
  await page.context().close();
});

test("a viewer who comes after the owner gets no switches, and no open question", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByRole("button", { name: "Cut off…" }).click();
  await page.getByRole("dialog", { name: "Cut off Front-door camera?" }).waitFor();
  await home.expire();
  await comeBack(page, "viewer");
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.equal(await page.getByRole("button", { name: "Cut off…" }).count(), 0);
  await page.context().close();
});

test("a session that another page of the browser renewed goes on without a word", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await radio(page).waitFor();
  await home.expire();
  await door(page).waitFor();
  home.session = { user: "owner", role: "owner" };
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await door(page).waitFor({ state: "detached" });
  await page.getByText("Live", { exact: true }).waitFor();
  await page.context().close();
});

test("on a phone the login fits over the picture", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { viewport: PHONE, isMobile: true, hasTouch: true, hash: "#d=7" });
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await home.expire();
  await door(page).waitFor();
  await shoot(page, "expired-phone");
  assert.deepEqual(await page.locator(".panel").boundingBox(), { x: 0, y: 0, ...PHONE }, "the device still fills the screen");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  await comeBack(page);
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await page.context().close();
});
