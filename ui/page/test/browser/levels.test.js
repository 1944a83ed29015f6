// What the owner may choose in the dialog, and what goes to the router.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome, flow } from "./home.js";
import { iso } from "./objects.js";
import { gone, launch, open, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const PRINTER = 9;

// A home whose laptop, phone and tablet print; the laptop also opened the printer's own page.
function printing() {
  const home = new FakeHome();
  const printer = home.devices[PRINTER - 1].mac;
  const lan = (from, port, bytes) => flow({ device: home.devices[from - 1].mac, peer: printer, scope: "lan", remote: "192.168.1.109", port, rxBytes: bytes });
  home.flows = [lan(4, 631, 3e6), lan(4, 80, 4e4), lan(1, 9100, 2e5), lan(3, 631, 1e5)];
  return home;
}

async function ask(home, id, options) {
  const page = await open(browser, server.url, home, { hash: `#d=${id}`, ...options });
  await page.getByRole("button", { name: "Cut off…" }).click();
  const dialog = page.getByRole("dialog", { name: /^Cut off .*\?$/ });
  await dialog.waitFor();
  return { page, dialog };
}

const put = (home) => home.requests.find((r) => r.method === "PUT")?.body;

test("everything is what the dialog proposes, with today's amounts and who depends on the device", async () => {
  const home = printing();
  const { page, dialog } = await ask(home, PRINTER);
  assert.equal(await dialog.getByRole("radio", { name: "Everything" }).isChecked(), true);
  await page.waitForFunction(() => document.activeElement.textContent === "Keep it on");
  await dialog.getByText("Work laptop3.0 MB").waitFor();
  await dialog.getByText("3 devices print through it: Work laptop, Anna's phone, Kitchen tablet").waitFor();
  await shoot(page, "dialog-depends");
  await dialog.getByRole("radio", { name: "Internet only" }).check();
  await gone(dialog.getByText("print through it")); // the home still works
  await gone(dialog.getByText("Work laptop"));
  await dialog.getByText("update.example").waitFor();
  assert.deepEqual(home.requests, []);
  await page.context().close();
});

test("what ended today counts too; parts of the traffic are chosen by the addresses in use", async () => {
  const home = printing();
  const printer = home.devices[PRINTER - 1].mac;
  const before = { first: iso(home.now - 2), last: iso(home.now), state: "ended" };
  home.past = [flow({ device: home.devices[1].mac, peer: printer, scope: "lan", port: 631, direction: "out", rxBytes: 5e6, ...before }),
    flow({ device: printer, remote: "203.0.113.80", owner: "ink.example\u202e", port: 443, txBytes: 7e6, ...before })];
  const { page, dialog } = await ask(home, PRINTER);
  await dialog.getByText("ink.example\ufffd7.0 MB").waitFor();
  await dialog.getByText(/^4 devices print through it: .*Tom's phone/).waitFor();
  await dialog.getByRole("radio", { name: "Only some traffic" }).check();
  await dialog.getByRole("checkbox", { name: /^update\.example/ }).waitFor();
  assert.equal(await dialog.getByRole("checkbox", { name: /^ink\.example/ }).count(), 0);
  await page.context().close();
});

test("one device that depends on it is told as one", async () => {
  const home = printing();
  home.flows.length = 1;
  const { page, dialog } = await ask(home, PRINTER);
  await dialog.getByText("1 device prints through it: Work laptop").waitFor();
  await page.context().close();
});

test("internet only, for an hour, with a reason: confirmed, with a clock", async () => {
  const home = new FakeHome();
  const { page, dialog } = await ask(home, 5);
  await dialog.getByRole("radio", { name: "Internet only" }).check();
  await dialog.getByRole("radio", { name: "For 1 hour" }).check();
  await dialog.getByRole("textbox", { name: "Reason (optional)" }).fill("homework first ");
  await dialog.getByRole("button", { name: "Cut off from internet" }).click();
  await page.getByText("Cut off from the internet · confirmed by the firewall").waitFor();
  assert.deepEqual(put(home), { level: "internet", for: "1h", why: "homework first" });
  await page.getByText("Cut off from the internet: Living-room TV.").waitFor();
  await page.getByRole("list", { name: "What holds it" }).getByText("“homework first”").waitFor();
  await page.getByRole("list", { name: "What holds it" }).getByRole("timer").getByText(/^(59 min \d+ s|1 h 0 min) left$/).waitFor();
  const block = page.getByRole("region", { name: "Cut off" });
  await block.getByText(/^Internet only, by you, until \d\d:\d\d$/).waitFor();
  await block.getByRole("timer").waitFor();
  await page.locator("svg").getByRole("button", { name: /^Living-room TV, Partly cut off/ }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a time of one's own is local here and UTC on the wire, and must be given", async () => {
  const home = new FakeHome();
  const { page, dialog } = await ask(home, 7, { timezoneId: "Europe/Amsterdam" });
  await dialog.getByRole("radio", { name: "Until a time of my own" }).check();
  await dialog.getByRole("button", { name: "Cut off", exact: true }).click();
  await page.getByRole("alert").getByText("Not cut off: give the time when it ends").waitFor();
  assert.equal(put(home), undefined);
  await dialog.getByLabel("Until when").fill("2031-07-01T18:30");
  await dialog.getByRole("button", { name: "Cut off", exact: true }).click();
  await page.getByText("Cut off · confirmed by the firewall").waitFor();
  assert.deepEqual(put(home), { level: "full", until: "2031-07-01T16:30:00Z" });
  await page.context().close();
});

test("an end in the past is refused by the router, in its words", async () => {
  const home = new FakeHome();
  home.refuse = { type: "urn:spinneret:invalid", title: "Not a valid request", status: 422, detail: "until 2020-01-01T00:00:00Z is in the past: give a later time", member: "until" };
  const { page, dialog } = await ask(home, 7);
  await dialog.getByRole("radio", { name: "Until a time of my own" }).check();
  await dialog.getByLabel("Until when").fill("2020-01-01T00:00");
  await dialog.getByRole("button", { name: "Cut off", exact: true }).click();
  await page.getByRole("alert").getByText("Not cut off: until 2020-01-01T00:00:00Z is in the past: give a later time").waitFor();
  await page.context().close();
});

test("only some traffic: what is ticked becomes the targets", async () => {
  const home = printing();
  const { page, dialog } = await ask(home, PRINTER);
  await dialog.getByRole("radio", { name: "Only some traffic" }).check();
  await dialog.getByRole("button", { name: "Cut off these" }).click();
  await page.getByRole("alert").getByText("Not cut off: tick at least one").waitFor();
  await dialog.getByRole("checkbox", { name: "Anna's phone" }).check();
  await dialog.getByRole("checkbox", { name: "update.example" }).check();
  await shoot(page, "dialog-flow");
  await dialog.getByRole("button", { name: "Cut off these" }).click();
  await page.getByText("Partly cut off · confirmed by the firewall").waitFor();
  assert.deepEqual(put(home).to.sort(), ["192.168.1.101", "198.51.100.7:443/tcp", "fd00:1::01"]);
  assert.equal(put(home).level, "flow");
  await page.getByRole("list", { name: "What holds it" }).getByText(/^Stops: .*198\.51\.100\.7:443\/tcp/).waitFor();
  await page.context().close();
});

test("a device that talked to nobody has nothing to tick", async () => {
  const { page, dialog } = await ask(new FakeHome(), 12);
  await dialog.getByText("It talks to nobody at the moment.").waitFor();
  await dialog.getByRole("radio", { name: "Only some traffic" }).check();
  await dialog.getByText("It talked to nobody lately.").waitFor();
  await page.context().close();
});

test("the owner's own device keeps the page when only some traffic stops, so there is no warning", async () => {
  const { page, dialog } = await ask(new FakeHome(), 1);
  await dialog.getByText(/device you are using now/).waitFor();
  await dialog.getByRole("radio", { name: "Only some traffic" }).check();
  await gone(dialog.getByText(/device you are using now/));
  await page.context().close();
});

test("what is cut can be changed, and the change is no undo", async () => {
  const home = new FakeHome();
  const { page, dialog } = await ask(home, 7);
  await dialog.getByRole("button", { name: "Cut off", exact: true }).click();
  await page.getByText("Cut off · confirmed by the firewall").waitFor();
  await page.getByRole("button", { name: "Change…" }).click();
  const again = page.getByRole("dialog", { name: "Change what Front-door camera is cut off from?" });
  await again.getByRole("button", { name: "Keep it as it is" }).waitFor();
  await again.getByRole("radio", { name: "Internet only" }).check();
  await again.getByRole("button", { name: "Cut off from internet" }).click();
  await page.getByText("Cut off from the internet · confirmed by the firewall").waitFor();
  assert.equal(await page.getByRole("button", { name: "Undo" }).count(), 0);
  await page.context().close();
});
