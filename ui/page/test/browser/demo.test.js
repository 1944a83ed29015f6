// The page against a running program: `spinneret demo` and its lab. The address comes in SPINNERET_DEMO_URL.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { holdToast, launch, open, shoot } from "./stage.js";

const escape = (name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const url = process.env.SPINNERET_DEMO_URL;
const needs = { skip: !url && "SPINNERET_DEMO_URL is not set: start `spinneret demo` and set it to the page's address" };

const ask = async (page, path) => (await page.request.get(new URL(`api/v1/${path}`, url).href)).json();
const named = (page, device) => page.locator("svg").getByRole("button", { name: `${device.name}, ` });

// The page of the demo with all its devices on the map, and the devices as the API has them.
async function visit(browser) {
  const page = await open(browser, url, null);
  page.setDefaultTimeout(30_000);
  await page.getByText("Live", { exact: true }).waitFor();
  const { devices } = await ask(page, "devices");
  assert.ok(devices.length > 0, "the demo has devices");
  for (const d of devices) await named(page, d).first().waitFor();
  await page.locator(".node.owner").first().waitFor();
  return { page, devices };
}

// The device that sends most, as its own page.
async function look({ page, devices }) {
  const device = devices.filter((d) => d.txRate + d.rxRate > 0).sort((a, b) => b.txRate - a.txRate)[0] ?? devices[0];
  await named(page, device).first().click();
  await page.getByRole("heading", { name: device.name }).waitFor();
  return device;
}

const quarantine = async (page, device) => (await ask(page, `devices/${device.mac}`)).quarantine;

test("a device of the demo's home is cut off and let back in", needs, async () => {
  const browser = await launch();
  try {
    const home = await visit(browser);
    const { page } = home;
    assert.equal(await page.getByRole("button", { name: /Your login/ }).count(), 0, "the demo has no login");
    await shoot(page, "demo");
    const device = await look(home);
    await shoot(page, "demo-focus");
    await page.getByRole("button", { name: "Cut off…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cut off", exact: true }).click();
    await page.getByText("Cut off · confirmed by the firewall").waitFor();
    await holdToast(page);
    const now = await quarantine(page, device);
    assert.deepEqual([now.level, now.inForce], ["full", true]);
    await shoot(page, "demo-cut");

    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Cut off…" }).waitFor();
    assert.equal(await quarantine(page, device), null);
    await page.locator("svg").getByRole("button", { name: new RegExp(`^${escape(device.name)}, (?!Cut off)`) }).waitFor();
    assert.deepEqual(page.complaints, []);
  } finally {
    await browser.close();
  }
});

test("a device of the demo's home loses the internet for an hour, with clock and proof, until that is ended", needs, async () => {
  const browser = await launch();
  try {
    const home = await visit(browser);
    const { page } = home;
    const device = await look(home);
    await page.getByRole("button", { name: "Cut off…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("What stops, with today's amounts:").waitFor();
    await dialog.getByRole("radio", { name: "Internet only" }).check();
    await dialog.getByRole("radio", { name: "For 1 hour" }).check();
    await dialog.getByRole("textbox", { name: "Reason (optional)" }).fill("dinner");
    await shoot(page, "demo-dialog");
    await dialog.getByRole("button", { name: "Cut off from internet" }).click();
    await page.getByText("Cut off from the internet · confirmed by the firewall").waitFor();

    const holds = page.getByRole("list", { name: "What holds it" });
    await holds.getByText("Internet only by you").waitFor();
    await holds.getByText("“dinner”").waitFor();
    await holds.getByRole("timer").getByText(/^5\d min \d+ s left$/).waitFor();
    await holds.getByText(/^0 passed, [1-9]\S* refused since \d\d:\d\d$/).waitFor(); // what it tries is refused and counted
    const now = await quarantine(page, device);
    assert.deepEqual([now.level, now.inForce, now.why], ["internet", true, "dinner"]);
    const lasts = (Date.parse(now.until) - Date.parse(now.since)) / 1000;
    assert.ok(Math.abs(lasts - 3600) < 5, `it lasts ${lasts} s`);
    await shoot(page, "demo-internet");

    await holds.getByRole("button", { name: /^End this one/ }).click();
    await page.getByRole("button", { name: "Cut off…" }).waitFor();
    assert.equal(await quarantine(page, device), null);
    assert.deepEqual(page.complaints, []);
  } finally {
    await browser.close();
  }
});

test("a device of the demo's home: its last hour, its packets, and a description of what it does", needs, async () => {
  const browser = await launch();
  try {
    const home = await visit(browser);
    const { page } = home;
    const device = await look(home);
    await page.getByRole("button", { name: "1 hour" }).click();
    await page.getByRole("img", { name: /^Traffic of the last 1 hour\. Peak ↓ [1-9]\S* [kM]?B\/s ↑ [1-9]/ }).waitFor();
    await page.getByText("Record its packets").click();
    const link = page.getByRole("link", { name: "Download the last 60 s" });
    const download = page.waitForEvent("download");
    await link.click();
    const file = await readFile(await (await download).path());
    assert.equal(file.readUInt32LE(0), 0xa1b2c3d4, "a pcap file");
    assert.ok(file.length > 24, "with packets in it");

    await page.getByText("What its maker allows").click();
    await page.getByRole("button", { name: "Make one of what it did" }).click();
    await page.getByRole("button", { name: "Use it, and watch" }).click();
    await page.getByText("Your file says what it may do.").waitFor();
    await page.getByRole("radio", { name: "Watch", checked: true }).waitFor();
    assert.equal((await ask(page, `devices/${device.mac}`)).mud.mode, "watch");
    await page.getByRole("button", { name: "Take it away" }).click();
    await page.getByText("No maker's description (MUD) is known for it.").waitFor();

    await page.getByRole("button", { name: "Look back" }).click();
    await page.getByRole("slider", { name: "Moment to look at" }).press("ArrowLeft");
    await page.getByText("Looking back").waitFor();
    await shoot(page, "demo-past");
    assert.deepEqual(page.complaints, []);
  } finally {
    await browser.close();
  }
});
