// The page against a running program: `spinneret demo` and its lab. The address comes in SPINNERET_DEMO_URL.
import assert from "node:assert/strict";
import { test } from "node:test";
import { launch, open, shoot } from "./stage.js";

const escape = (name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const url = process.env.SPINNERET_DEMO_URL;

test("a device of the demo's home is cut off and let back in", { skip: !url && "SPINNERET_DEMO_URL is not set: start `spinneret demo` and set it to the page's address" }, async () => {
  const browser = await launch();
  try {
    const page = await open(browser, url, null);
    page.setDefaultTimeout(30_000);
    await page.getByText("Live", { exact: true }).waitFor();
    const { devices } = await (await page.request.get(new URL("api/v1/devices", url).href)).json();
    assert.ok(devices.length > 0, "the demo has devices");
    const named = (d) => page.locator("svg").getByRole("button", { name: `${d.name}, ` });
    for (const d of devices) await named(d).first().waitFor();
    await page.locator(".node.owner").first().waitFor();
    await shoot(page, "demo");

    const device = devices.filter((d) => d.txRate + d.rxRate > 0).sort((a, b) => b.txRate - a.txRate)[0] ?? devices[0];
    await named(device).first().click();
    await page.getByRole("heading", { name: device.name }).waitFor();
    await shoot(page, "demo-focus");
    await page.getByRole("button", { name: "Cut off…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cut off", exact: true }).click();
    await page.getByText("Cut off · confirmed by the firewall").waitFor();
    const now = async () => (await (await page.request.get(new URL(`api/v1/devices/${device.mac}`, url).href)).json()).quarantine;
    assert.equal((await now()).level, "full");
    await shoot(page, "demo-cut");

    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Cut off…" }).waitFor();
    assert.equal(await now(), null);
    await page.locator("svg").getByRole("button", { name: new RegExp(`^${escape(device.name)}, (?!Cut off)`) }).waitFor();
    assert.deepEqual(page.complaints, []);
  } finally {
    await browser.close();
  }
});
