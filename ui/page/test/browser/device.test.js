// One device, closer: what it carried, how its far ends are known, and what the owner thinks of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { launch, open, PHONE, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

test("what a device carried today, in an hour, a day and a week, its peaks kept", async () => {
  const home = new FakeHome();
  // Twelve kilobytes a second, and one step of a day ago with a hundred times as much.
  const peak = home.now - 7200;
  home.bucket = (at, step) => (at <= peak && peak < at + step && step < 3600 ? [1_200_000 * step, 0] : at < home.now ? [12_000 * step, 1000 * step] : [0, 0]);
  const page = await open(browser, server.url, home, { hash: "#d=7", colorScheme: "dark" });
  await page.getByText("Today", { exact: true }).waitFor();
  await page.getByText(/^↓ [\d.]+ [MG]B ↑ [\d.]+ [kMG]B$/).waitFor();
  await page.getByRole("group", { name: "How far back" }).getByRole("button", { name: "1 day" }).click();
  await page.getByRole("img", { name: /^Traffic of the last 1 day\. Peak ↓ 1\.2 MB\/s ↑ \d+ kB\/s$/ }).waitFor();
  await shoot(page, "trend-day");
  await page.getByRole("button", { name: "1 week" }).click();
  await page.getByRole("img", { name: /last 1 week/ }).waitFor();
  const asked = home.asks.filter((a) => /GET history/.test(a)).map((a) => /step=(\w+)/.exec(a)[1]);
  assert.deepEqual(asked, ["3600s", "120s", "900s"]);
  await page.context().close();
});

test("each party and each name says how it is known", async () => {
  const page = await open(browser, server.url, new FakeHome(), { hash: "#d=1" });
  await page.locator("aside").getByRole("listitem").filter({ hasText: "Streamly" }).getByText("known service").first().waitFor();
  await page.getByText("Names and addresses").click();
  await page.getByRole("listitem").filter({ hasText: "edge-1.phone.example" }).getByText("from its DNS question").waitFor();
  await page.getByRole("listitem").filter({ hasText: "edge-0.Streamly" }).getByText("named in its TLS greeting").waitFor();
  await page.context().close();
});

test("a device that is hidden leaves the map and the table, and is found again below it", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=6", viewport: PHONE, isMobile: true, hasTouch: true });
  await page.getByText("Details", { exact: true }).click();
  await page.getByRole("switch", { name: /^I trust it/ }).click();
  await page.getByRole("switch", { name: /^I trust it/, checked: true }).waitFor();
  await page.getByRole("switch", { name: /^Do not show it/ }).click();
  await page.getByRole("switch", { name: /^Do not show it/, checked: true }).waitFor();
  assert.deepEqual(home.requests.map((r) => r.body), [{ trusted: true }, { ignored: true }]);
  await shoot(page, "standing-phone");
  await page.getByRole("button", { name: "Close" }).click();
  assert.equal(await page.getByRole("row", { name: /Radio/ }).count(), 0);
  await page.getByText("1 device is hidden").click();
  await page.getByRole("button", { name: "Show Radio again" }).click();
  await page.getByRole("row", { name: /Radio/ }).waitFor();
  await page.context().close();
});

test("a device that is known for hours only says that it is still being learned", async () => {
  const home = new FakeHome();
  home.devices[5].firstSeen = new Date((home.now - 3 * 3600 - 60) * 1000).toISOString();
  const page = await open(browser, server.url, home, { hash: "#d=6" });
  await page.getByText("Known for 3 h only: what is usual for it is still being learned.").waitFor();
  await page.context().close();
});
