// The page in the reader's language.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { launch, open, PHONE, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test("a browser that wants German gets German, with its numbers; Dutch is chosen, and kept", async () => {
  const home = new FakeHome();
  home.tell({ kind: "quarantine", text: "Printer was cut off by the owner", say: ["cut.full", "Printer"] });
  home.tell({ kind: "config", text: "something of a newer router", say: ["no.such.phrase"] });
  const page = await open(browser, server.url, home, { locale: "de-DE", script: axe });
  const loaded = [];
  page.on("request", (r) => /assets/.test(r.url()) && loaded.push(r.url()));
  await page.getByRole("button", { name: "Living-room TV, Normal, 2,4 MB/s", exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  await page.getByRole("heading", { name: "Was gerade geschieht" }).waitFor();
  await page.getByText("Printer wurde vom Besitzer getrennt").waitFor();
  await page.locator('[lang="en"]').getByText("something of a newer router").waitFor();
  await shoot(page, "german");
  assert.deepEqual((await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }))).violations.map((v) => v.id), []);
  await page.getByRole("combobox", { name: "Sprache" }).selectOption("Nederlands");
  await page.getByRole("heading", { name: "Wat er gebeurt" }).waitFor();
  await page.getByRole("button", { name: /^Old phone, Offline, rustig$/ }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Wat er gebeurt" }).waitFor();
  assert.deepEqual(loaded.filter((url) => /\/en-/.test(url)), [], "a language that is not spoken is not loaded");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("the door speaks the reader's language too", async () => {
  const page = await open(browser, server.url, Object.assign(new FakeHome(), { session: null }), { locale: "nl-NL", viewport: PHONE, isMobile: true, hasTouch: true });
  await page.getByRole("heading", { name: "Meld u aan om uw huis te zien" }).waitFor();
  await shoot(page, "dutch-door-phone");
  await page.getByRole("combobox", { name: "Taal" }).selectOption("English");
  await page.getByRole("heading", { name: "Log in to see your home" }).waitFor();
  await page.context().close();
});

test("a browser that keeps nothing is served all the same", async () => {
  const script = 'Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } })';
  const page = await open(browser, server.url, new FakeHome(), { script });
  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await page.getByRole("heading", { name: "Was gerade geschieht" }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("words that cannot be loaded leave a way to try again", async () => {
  const context = await browser.newContext({ locale: "de-DE" });
  const page = await context.newPage();
  await page.route(/\/de-[^/]*\.js$/, (route) => route.fulfill({ status: 404 }));
  await page.goto(server.url);
  await page.getByRole("button", { name: /Neu laden/ }).waitFor();
  await context.close();
});
