// One device, closer: what it carried, how its far ends are known, and what the owner thinks of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome, flow } from "./home.js";
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
  await page.getByRole("listitem").filter({ hasText: "edge-1.phone.example" }).getByText("from DNS").waitFor();
  await page.getByRole("listitem").filter({ hasText: "edge-0.Streamly" }).getByText("from TLS").waitFor();
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
  await page.getByRole("button", { name: "Show again: Radio" }).click();
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

test("something unusual comes with its reason and what it was seen in; the owner calls it fine, and takes that back", async () => {
  const home = new FakeHome();
  const finding = (id, state, members) => ({ id, device: home.devices[6].mac, kind: "exfiltration", severity: "alarm", state, end: null, start: home.status.now, flows: [], sources: [], ...members });
  home.devices[6].findings = [
    finding(4, "over", { text: "asked 40 addresses in the home", end: home.status.now }),
    finding(5, "open", { text: "sent 14 times its usual, to <b>an owner</b> it never used before",
      flows: [flow({ device: home.devices[6].mac, remote: "203.0.113.9", name: "up.<i>example", port: 443, txBytes: 6e8, rxBytes: 6e5 })] }),
  ];
  const page = await open(browser, server.url, home, { hash: "#d=7", colorScheme: "dark" });
  const list = page.getByRole("list", { name: "What was unusual" });
  const first = list.getByRole("listitem").first();
  await first.getByText("▲ sent 14 times its usual, to <b>an owner</b> it never used before").waitFor();
  await first.getByText(/^since \d\d:\d\d$/).waitFor();
  await list.getByText(/^Over: asked 40 addresses in the home$/).waitFor();
  await first.getByText("The conversation it was seen in").click();
  await first.getByText("up.<i>example").waitFor();
  await first.getByText("↓ 600 kB ↑ 600 MB").waitFor();
  await page.locator("svg").getByRole("button", { name: /^Front-door camera, Unusual/ }).waitFor();
  await shoot(page, "findings-dark");
  await first.getByRole("button", { name: "This is fine" }).click();
  await page.getByRole("status").getByText("The same will not be called unusual again.").hover(); // under the pointer it stays
  await page.locator("svg").getByRole("button", { name: /^Front-door camera, Normal/ }).waitFor();
  await list.getByText("You said this is fine:").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator("svg").getByRole("button", { name: /^Front-door camera, Unusual/ }).waitFor();
  assert.deepEqual(home.requests.map((r) => [r.path, r.body.state]), [["findings/5", "fine"], ["findings/5", "open"]]);
  home.refuse = { type: "urn:spinneret:not-found", status: 404, detail: "finding 5 is forgotten" };
  await first.getByRole("button", { name: "This is fine" }).click();
  await page.getByRole("status").getByText("Not done: finding 5 is forgotten").waitFor();
  await page.context().close();
});

test("what was held back by itself is let in by the word that it is fine; forged senders are named", async () => {
  const home = new FakeHome();
  home.devices[6].findings = [{ id: 5, device: home.devices[6].mac, kind: "flood", severity: "alarm", state: "open", text: "sends 9,000 packets a second", start: home.status.now,
    end: null, flows: [], heldBack: "internet", sources: ["192.0.2.7", "192.0.2.9"] }];
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  const list = page.getByRole("list", { name: "What was unusual" });
  await list.getByText("Held back by itself for this: internet only.").waitFor();
  await list.getByText("The senders were forged, such as 192.0.2.7, 192.0.2.9.").waitFor();
  await list.getByRole("button", { name: "This is fine: let it back in" }).click();
  await list.getByText("You said this is fine:").waitFor();
  await page.context().close();
});

test("a phone with a new MAC is asked about, and takes over what was known", async () => {
  const home = new FakeHome();
  const former = { mac: home.devices[0].mac, name: "Anna's <b>phone", why: "same name and same DHCP requests, gone since 10:04" };
  home.add({ name: "iPhone", maybe: [former, { mac: home.devices[1].mac, name: "Tom's phone", why: "gone since 10:04" }] });
  const page = await open(browser, server.url, home, { hash: "#d=13" });
  const wrong = page.getByRole("region", { name: "Is this Tom's phone?" });
  await wrong.getByRole("button", { name: "No" }).click();
  await wrong.waitFor({ state: "detached" });
  await page.reload();
  const question = page.getByRole("region", { name: "Is this Anna's <b>phone?" });
  await question.getByText("same name and same DHCP requests, gone since 10:04").waitFor();
  assert.equal(await wrong.count(), 0, "what was said is not asked again");
  await shoot(page, "same");
  home.refuse = { type: "urn:spinneret:invalid", status: 422, detail: "it is online" };
  await question.getByRole("button", { name: "Yes, it is the same" }).click();
  await question.getByRole("alert").getByText("Not done: it is online").waitFor();
  home.refuse = { type: "urn:spinneret:own-device", status: 409, detail: "it is cut off" };
  await question.getByRole("button", { name: "Yes, it is the same" }).click();
  await question.getByRole("alert").getByText("This is the device you are using now.").waitFor();
  home.refuse = null;
  await question.getByRole("button", { name: "Yes, it is the same" }).click();
  await page.getByRole("heading", { name: "Anna's phone" }).waitFor();
  await page.getByRole("status").getByText("It is known as Anna's <b>phone now.").waitFor();
  assert.deepEqual(home.requests.at(-1), { method: "POST", path: "devices/02:00:00:00:00:0d/inherit", body: { from: home.devices[0].mac, acknowledge: true } });
  await page.context().close();
});

test("two cameras of one maker stand side by side", async () => {
  const home = new FakeHome();
  for (const camera of [6, 7]) home.devices[camera].vendor = "Lens Corp";
  home.pairs.push([7, 12, 5, 5, 0]);
  home.devices[6].findings = [{ id: 5, kind: "peak", severity: "alarm", state: "open", text: "x", start: null, end: null, flows: [], sources: [] }];
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByText("Compare it with its twins").click();
  const table = page.getByRole("table", { name: "Compare it with its twins" });
  await table.getByRole("row", { name: "Only this one talks to news.example –" }).waitFor();
  await table.getByRole("row", { name: "Parties, last hour 3 2" }).waitFor();
  await table.getByRole("row", { name: "Unusual 1 0" }).waitFor();
  await table.getByRole("row", { name: "Usual: Sent 4.0 MB 4.0 MB" }).waitFor();
  await table.scrollIntoViewIfNeeded();
  await shoot(page, "twins");
  await table.getByRole("button", { name: "Garden camera" }).click();
  await page.getByRole("heading", { name: "Garden camera" }).waitFor();
  await page.context().close();
});

test("a device's packets are downloaded as they pass, or what the log kept of the last minute, which says so", async () => {
  const page = await open(browser, server.url, new FakeHome(), { hash: "#d=7" });
  await page.getByText("Record its packets").click();
  await page.getByRole("combobox", { name: "For" }).selectOption("10 s");
  await page.getByRole("combobox", { name: "Of each packet" }).selectOption("all of it");
  const link = page.getByRole("link", { name: "Record and download" });
  assert.equal(await link.getAttribute("href"), "/api/v1/devices/02:00:00:00:00:07/capture?seconds=10&snaplen=65535");
  const past = page.getByRole("link", { name: "Download the last 60 s" });
  assert.equal(await past.getAttribute("href"), "/api/v1/devices/02:00:00:00:00:07/capture?past=60s");
  await page.getByText("Headers only, and mostly the first packets", { exact: false }).waitFor();
  await past.scrollIntoViewIfNeeded();
  await shoot(page, "record");
  await page.context().close();
});

test("all that is known of a device can be taken along; erasing it wants a second word", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=6", colorScheme: "dark" });
  await page.getByText("What is kept about it").click();
  assert.equal(await page.getByRole("link", { name: "Download everything known about it" }).getAttribute("href"), "/api/v1/devices/02:00:00:00:00:06/export");
  await page.getByRole("button", { name: "Erase…" }).click();
  await page.getByText("This cannot be undone.", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  home.refuse = { type: "urn:spinneret:in-use", status: 409, detail: "it is cut off: let it back in first" };
  await page.getByRole("button", { name: "Erase…" }).click();
  await page.getByRole("button", { name: "Erase Radio for good" }).click();
  await page.getByRole("alert").getByText("Not done: it is cut off: let it back in first").waitFor();
  await shoot(page, "erase-dark");
  home.refuse = null;
  await page.getByRole("button", { name: "Erase…" }).click();
  await page.getByRole("button", { name: "Erase Radio for good" }).click();
  await page.getByRole("status").getByText("Radio was erased.").waitFor();
  await page.locator("svg").getByRole("button", { name: /^Radio,/ }).waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "What is happening" }).waitFor();
  await page.context().close();
});

test("what is usual for a device stands beside this minute", async () => {
  const page = await open(browser, server.url, new FakeHome(), { hash: "#d=7" });
  await page.getByText("What is usual for it").click();
  await page.getByText("learning, 3 h seen").waitFor();
  const rows = page.getByRole("table", { name: "What is usual for it" }).getByRole("row");
  assert.deepEqual(await rows.allInnerTexts(), ["In an active minute\tNow\tUsual\tMost", "Sent\t54 MB\t4.0 MB\t9.0 MB", "Share that is sent\t99 %\t99 %\t100 %"]);
  await shoot(page, "habits");
  await page.context().close();
});

test("what happens by itself when a device goes wild is chosen, and what it controls", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home, { hash: "#d=7" });
  await page.getByText("Details", { exact: true }).click();
  await page.getByRole("combobox", { name: "When it does something alarming" }).selectOption("cut it from the internet for a while");
  await page.getByLabel("Class").fill("urn:x:lamps");
  await page.getByRole("button", { name: "Add class" }).click();
  await page.getByRole("list", { name: "It controls devices of" }).getByText("urn:x:lamps").waitFor();
  assert.deepEqual(home.requests.map((r) => r.body), [{ onFinding: "internet" }, { controls: ["urn:x:lamps"] }]);
  home.refuse = { type: "urn:spinneret:unsupported", status: 409, detail: "this router cannot" };
  await page.getByRole("combobox", { name: "When it does something alarming" }).selectOption("only tell me");
  await page.getByRole("alert").getByText("Not done: this router cannot").waitFor();
  await page.context().close();
});
