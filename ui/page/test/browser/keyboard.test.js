import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { launch, open, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.id ?? "");

test("the map is one tab stop; arrows walk it, Enter looks closer, Esc comes back", async () => {
  const page = await open(browser, server.url, new FakeHome());
  const first = page.getByRole("button", { name: /^Anna's phone,/ });
  await first.waitFor();
  assert.equal(await page.locator('svg [role=button][tabindex="0"]').count(), 1);
  await first.focus();
  await page.keyboard.press("ArrowDown");
  assert.match(await focused(page), /^Tom's phone,/);
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(page), / devices?, /);
  await page.keyboard.press("ArrowLeft");
  assert.match(await focused(page), /phone,/);
  await page.keyboard.press("End");
  const last = await focused(page);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: last.split(",")[0] }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "What is happening" }).waitFor();
  assert.equal(await page.locator('svg [role=button][tabindex="0"]').count(), 1);
  await page.context().close();
});

test("/ searches, Enter opens the first match, letters typed there are no commands", async () => {
  const page = await open(browser, server.url, new FakeHome());
  await page.getByRole("button", { name: /^Radio,/ }).waitFor();
  await page.keyboard.press("/");
  assert.equal(await focused(page), "Search devices");
  await page.keyboard.type("printer");
  assert.equal(await page.getByRole("button", { name: "Map", exact: true }).getAttribute("aria-pressed"), "true");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Printer" }).waitFor();
  await page.context().close();
});

test("t shows the same home as a table, ? the keys", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: /^Radio,/ }).waitFor();
  await page.keyboard.press("t");
  const rows = page.getByRole("table").getByRole("row");
  assert.equal(await rows.count(), home.devices.length + 1);
  await page.getByRole("row", { name: /Living-room TV .*Normal 2\.4 MB\/s 21 kB\/s Streamly, video\.example/ }).waitFor();
  await shoot(page, "table");
  await page.getByText("Who your home talks to").click();
  const owners = page.getByRole("table", { name: "Who your home talks to" });
  assert.equal(await owners.getByRole("row").count(), home.owners.length + 1);
  await owners.getByRole("row", { name: /^cam\.example\.net known by its domain 2 / }).getByRole("button").click();
  await page.getByText("2 devices talk to it").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.context().close();
});

test("the table sorts when asked, and then rests", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await page.getByRole("button", { name: "Table", exact: true }).click();
  const names = () => page.locator("tbody th").allTextContents();
  const own = await names();
  await page.getByRole("button", { name: "Sort: Down" }).click();
  const sorted = await names();
  assert.equal(sorted[0], "Living-room TV");
  assert.notDeepEqual(sorted, own);
  home.delta({ r: [[11, 9e9, 9e9]] });
  await page.getByRole("row", { name: /Hall light .*9\.0 GB\/s/ }).waitFor();
  assert.deepEqual(await names(), sorted);
  await page.context().close();
});

test("the skip button leads to the list of devices", async () => {
  const page = await open(browser, server.url, new FakeHome());
  await page.getByRole("button", { name: /^Radio,/ }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "devices");
  await page.context().close();
});
