// New devices at the door, what a device may do, and what it is called.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cut, FakeHome } from "./home.js";
import { gone, launch, open, serve, shoot } from "./stage.js";

let server, browser;
before(async () => { server = await serve(); browser = await launch(); });
after(async () => { await browser.close(); await server.close(); });

function knocking() {
  const home = new FakeHome();
  const id = home.add({ name: "esp-4f2a", vendor: "Espressif", kind: null, maybe: [{ mac: home.devices[8].mac, name: "Printer", why: "gone since 10:04" }], firstSeen: new Date(home.now * 1000).toISOString() });
  home.order(id, [cut({ id: "q8", level: "internet", why: "new device", since: new Date(home.now * 1000).toISOString() })], { held: true });
  return home;
}

const card = (page) => page.getByRole("region", { name: "New device esp-4f2a waits for you" });
const look = (home, hash = "#d=7") => open(browser, server.url, home, { hash });

test("a new device that is held waits for an answer, in sight and announced", async () => {
  const page = await look(knocking(), "");
  await card(page).getByText("It has no internet until it is allowed; the home works for it.").waitFor();
  await card(page).getByText("Is this Printer? gone since 10:04").waitFor();
  await page.getByRole("button", { name: "1 waits for you" }).waitFor();
  await page.locator("[role=status]").getByText("esp-4f2a: Waiting for you").waitFor();
  await page.locator("svg").getByRole("button", { name: /^esp-4f2a, Waiting for you/ }).waitFor();
  assert.equal(await page.getByRole("region", { name: "Cut off", exact: true }).count(), 0, "it is asked about once, not listed twice");
  await shoot(page, "waiting");
  await page.context().close();
});

test("Allow ends what held it", async () => {
  const home = knocking();
  const page = await look(home, "");
  await card(page).getByRole("button", { name: "Allow: esp-4f2a" }).click();
  await page.getByText("esp-4f2a is let in.").waitFor();
  await gone(card(page));
  assert.deepEqual(home.requests.map((r) => [r.method, r.path.replace(/^.*\//, "")]), [["DELETE", "quarantine?source=owner"]]);
  await page.context().close();
});

test("Keep out cuts it off from everything", async () => {
  const home = knocking();
  const page = await look(home, "#d=13");
  await page.locator(".panel").getByText("New device esp-4f2a waits for you.").waitFor();
  assert.equal(await card(page).count(), 0, "the panel has the answers");
  await page.getByRole("button", { name: "Keep out: esp-4f2a" }).click();
  await page.getByText("Cut off · confirmed by the firewall").waitFor();
  assert.deepEqual(home.requests.map((r) => r.body), [{ level: "full" }]);
  assert.equal(await page.getByRole("button", { name: "Undo" }).count(), 0, "undo would let it in");
  await page.context().close();
});

test("an answer that fails says so and it still waits", async () => {
  const home = knocking();
  home.refuse = { type: "urn:spinneret:firewall", title: "x", status: 503, detail: "the kernel refused the rules" };
  const page = await look(home, "");
  await card(page).getByRole("button", { name: "Allow: esp-4f2a" }).click();
  await page.getByText("esp-4f2a stays cut off: the kernel refused the rules").waitFor();
  await card(page).waitFor();
  await page.context().close();
});

test("a MAC seen at two places is a warning and offers nothing", async () => {
  const home = new FakeHome();
  home.change(7, { contested: true });
  home.tell({ kind: "finding", severity: "warning", device: home.devices[6].mac, text: "Front-door camera was seen on lan1 and lan3 within a minute" });
  const page = await look(home);
  await page.locator(".panel").getByText(/It was seen at two places almost at once/).waitFor();
  await page.getByRole("region", { name: "Events" }).getByText("was seen on lan1 and lan3").waitFor();
  assert.equal(await page.getByRole("region", { name: "Events" }).getByRole("button", { name: "Let back in" }).count(), 0);
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.getByRole("button", { name: "1 unusual" }).waitFor();
  await page.context().close();
});

test("exceptions are added, refused in the router's words, and removed", async () => {
  const home = new FakeHome();
  home.change(7, { exceptions: ["192.0.2.10:443/tcp"] });
  const page = await look(home);
  await page.getByText("Details", { exact: true }).click();
  const list = page.getByRole("list", { name: "Still allowed while cut off" });
  const field = page.getByRole("textbox", { name: "Address to allow" });
  await field.fill("firmware.example");
  await field.press("Enter");
  await page.getByRole("alert").getByText('Not done: exceptions "firmware.example" has no address: write 198.51.100.7').waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await shoot(page, "exceptions");
  await field.fill("198.51.100.0/24");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await list.getByText("198.51.100.0/24").waitFor();
  assert.equal(await field.inputValue(), "");
  await gone(page.getByRole("alert"));
  await page.getByRole("button", { name: "Remove: 192.0.2.10:443/tcp" }).click();
  await list.getByText("192.0.2.10:443/tcp").waitFor({ state: "detached" });
  assert.deepEqual(home.requests.map((r) => r.body.exceptions).slice(1), [["192.0.2.10:443/tcp", "198.51.100.0/24"], ["198.51.100.0/24"]]);
  await page.context().close();
});

test("ports it opened are said, and can be refused for good", async () => {
  const home = new FakeHome();
  home.change(7, { mappings: [{ protocol: "tcp", outsidePort: 8080, port: 80 }] });
  const page = await look(home);
  await page.getByText("It opened port 8080 to the internet.").waitFor();
  await page.getByText("Details", { exact: true }).click();
  await page.getByText("opened port 8080 (tcp) to the internet for its own port 80").waitFor();
  const never = page.getByRole("switch", { name: "This device may never open a port" });
  assert.equal(await never.isChecked(), false);
  await never.click();
  await page.locator('[role="switch"]:checked').waitFor();
  assert.deepEqual(home.requests.map((r) => [r.method, r.body]), [["PATCH", { refuseMappings: true }]]);
  home.refuse = { type: "urn:spinneret:unsupported", title: "x", status: 409, detail: "miniupnpd is not running here" };
  await never.click();
  await page.getByRole("alert").getByText("Not done: miniupnpd is not running here").waitFor();
  assert.equal(await never.isChecked(), true, "it stays as the router has it");
  await page.context().close();
});

test("a device is renamed in its place; Esc takes nothing over", async () => {
  const home = new FakeHome();
  const page = await look(home);
  const edit = page.getByRole("button", { name: "Edit name and kind" });
  await edit.click();
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("Nothing of this");
  await name.press("Escape");
  await page.getByRole("heading", { name: "Front-door camera" }).waitFor();
  await gone(name);
  await page.waitForFunction(() => document.activeElement.textContent === "Edit");
  await edit.click();
  await name.fill("Porch");
  await page.getByRole("combobox", { name: "Kind" }).selectOption("Hub");
  await shoot(page, "rename");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Porch" }).waitFor();
  assert.deepEqual(home.requests.map((r) => r.body), [{ name: "Porch", kind: "hub" }]);
  await edit.click();
  await name.fill("");
  await name.press("Enter");
  await page.getByRole("heading", { name: "dhcp-name" }).waitFor();
  assert.deepEqual(home.requests.at(-1).body, { name: null });
  await page.context().close();
});

test("a name that the router refuses stays in the field, with its words", async () => {
  const home = new FakeHome();
  home.refuse = { type: "urn:spinneret:invalid", title: "x", status: 422, detail: "name has control characters: leave them out", member: "name" };
  const page = await look(home);
  await page.getByRole("button", { name: "Edit name and kind" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Porch");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").getByText("Not done: name has control characters: leave them out").waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Name" }).inputValue(), "Porch");
  await page.context().close();
});
