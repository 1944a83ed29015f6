// What an internet provider asks to stop: the owner sees who asks, what, which device and why, and has the last word.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeHome } from "./home.js";
import { gone, launch, open, PHONE, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

const WHY = "outside port 40321 was this device's from 12:01:10 to 12:03:40";

// A home whose provider asks about the front-door camera, and the page that shows it.
async function asked(members, options) {
  const home = new FakeHome();
  home.plead({ id: "r3", devices: [home.devices[6].mac], why: WHY, ...members });
  return { home, page: await open(browser, server.url, home, options) };
}

const card = (page) => page.getByRole("region", { name: "Provider isp asks to stop traffic" });
const past = (page) => page.getByRole("region", { name: "Requests of your provider" });
const press = (within, name) => within.getByRole("button", { name, exact: true }).click();
const sent = (home) => home.requests.map(({ method, path, body }) => [method, path, body?.decision]);

test("a request is shown with who asks, what, which device and why, and waits for an answer", async () => {
  const { page } = await asked();
  for (const words of ["Front-door camera to 198.51.100.7:53/udp", WHY]) await card(page).getByText(words).waitFor();
  for (const name of ["Stop it", "Let it pass", "This is legitimate"]) assert.ok(await card(page).getByRole("button", { name }).isEnabled(), name);
  assert.equal(await past(page).count(), 0);
  await shoot(page, "wishes");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("one that comes while the page is open appears by itself, and goes with what its provider takes back", async () => {
  const home = new FakeHome();
  const page = await open(browser, server.url, home);
  await page.getByText("Live", { exact: true }).waitFor();
  home.plead({ id: "r3", devices: [home.devices[6].mac, home.devices[7].mac], why: "2 devices match" });
  await card(page).getByText("Front-door camera or Garden camera to 198.51.100.7:53/udp").waitFor();
  home.plead({ id: "r3", state: "withdrawn" });
  await past(page).getByText("Taken back:").waitFor();
  await gone(card(page));
  await page.context().close();
});

for (const [button, decision, became, undoable] of [
  ["Stop it", "allow", "Stopped:", true],
  ["Let it pass", "refuse", "Refused:", false],
  ["This is legitimate", "legitimate", "Refused:", true],
]) {
  test(`the answer "${button}" is sent once, said, and kept below`, async () => {
    const { home, page } = await asked();
    await press(card(page), button);
    await page.getByRole("status").getByText("Done. isp is told.").waitFor();
    await past(page).getByText(became).waitFor();
    await past(page).getByText(/^asked by isp /).waitFor();
    assert.deepEqual(sent(home), [["POST", "requests/r3", decision]]);
    await gone(card(page));
    assert.equal(await past(page).getByRole("button", { name: "Undo" }).count(), undoable ? 1 : 0);
    if (undoable) {
      await press(past(page), "Undo");
      await page.getByRole("status").getByText("Taken back. isp is told.").waitFor();
      assert.deepEqual(sent(home).slice(1), [["DELETE", "requests/r3", undefined]]);
      await past(page).getByText("Refused:").waitFor();
      await gone(past(page).getByRole("button", { name: "Undo" }));
    }
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test("what was dropped is counted", async () => {
  const { page } = await asked({ state: "active", droppedPackets: 1234 });
  await past(page).getByText("1,234 packets dropped").waitFor();
  await page.context().close();
});

test("an answer that comes too late changes nothing, and the page says why", async () => {
  const { home, page } = await asked();
  home.refuse = { type: "urn:spinneret:unsupported", title: "Nothing to decide", status: 409, detail: "request r3 is withdrawn" };
  await press(card(page), "Stop it");
  await page.getByRole("status").getByText(/^Not done: .*request r3 is withdrawn/).waitFor();
  assert.ok(await card(page).getByRole("button", { name: "Stop it" }).isEnabled());
  await page.context().close();
});

test("a viewer sees the request and cannot answer", async () => {
  const home = new FakeHome();
  home.session = { user: "viewer", role: "viewer" };
  home.plead({ id: "r3", devices: [home.devices[6].mac], why: WHY });
  home.plead({ id: "r4", state: "active", devices: [home.devices[7].mac] });
  const page = await open(browser, server.url, home);
  for (const region of [card(page), past(page)]) {
    await region.waitFor();
    assert.equal(await region.getByRole("button").count(), 0);
  }
  await page.context().close();
});

test("on a phone it is there too, and words from outside do nothing", async () => {
  const { page } = await asked({ why: "<img src=x onerror=1>\u202e", target: ["<b>"] }, { viewport: PHONE });
  await card(page).getByText("<img src=x onerror=1>\ufffd").waitFor();
  assert.equal(await page.locator("img").count(), 0);
  await shoot(page, "wishes-phone");
  await page.context().close();
});
