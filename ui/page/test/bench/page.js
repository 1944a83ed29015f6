// What the page costs with 60 devices, 3,000 endpoints and 10 updates a second: frames a second, on a processor as fast as
// this one and on one a quarter as fast, bytes on the wire, and memory over 10,000 updates. One line of JSON on stdout.
import { readdirSync, statSync } from "node:fs";
import { launch } from "../browser/stage.js";
import { BusyRouter } from "./router.js";

const WATCH = 8000; // ms that frames are counted
const EVERY = 100; // ms between two updates
const WARM = 5000, UPDATES = 10_000; // for the memory: until the list of events is full, and then

const router = new BusyRouter();
const url = await router.start();
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  const inside = await page.context().newCDPSession(page);
  await page.goto(url);
  await page.locator(".node.device").nth(59).waitFor();
  const full = await frames(page);
  await inside.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const quarter = await frames(page);
  await inside.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await flood(page, WARM);
  const before = await heap(inside);
  await flood(page, UPDATES);
  const after = await heap(inside);
  console.log(JSON.stringify({ full, quarter, heap: { before, after, updates: UPDATES }, page: size() }));
} finally {
  await browser.close();
  router.close();
}

// Frames while the home changes ten times a second: the median frame as a rate, the slowest in twenty in ms, and the wire.
async function frames(page) {
  const sent = router.bytes;
  const timer = setInterval(() => router.update(), EVERY);
  const times = await page.evaluate((watch) => new Promise((done) => {
    const found = [];
    let last = performance.now();
    const end = last + watch;
    const next = (now) => {
      found.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(next);
      else done(found.slice(1));
    };
    requestAnimationFrame(next);
  }), WATCH);
  clearInterval(timer);
  times.sort((a, b) => a - b);
  return { fps: 1000 / times[times.length >> 1], mean: (1000 * times.length) / times.reduce((sum, t) => sum + t, 0), p95: times[Math.floor(times.length * 0.95)], wire: ((router.bytes - sent) * 1000) / WATCH };
}

// Sends updates in handfuls, each after the page has drawn the one before.
async function flood(page, updates) {
  for (let i = 0; i < updates; i += 20) {
    for (let n = 0; n < 20; n++) router.update();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))));
  }
}

async function heap(inside) {
  await inside.send("HeapProfiler.enable");
  for (let i = 0; i < 3; i++) await inside.send("HeapProfiler.collectGarbage");
  return (await inside.send("Runtime.getHeapUsage")).usedSize;
}

// The page with all that clicks may show, as one browser loads it: one language, the longest. Bytes of gzip.
function size() {
  const dist = new URL("../../dist/", import.meta.url).pathname;
  let sum = 0;
  let longest = 0; // of the languages
  for (const name of readdirSync(dist, { recursive: true }).filter((file) => file.endsWith(".gz"))) {
    const bytes = statSync(dist + name).size;
    if (/^assets\/(en|de|nl)-/.test(name)) longest = Math.max(longest, bytes);
    else sum += bytes;
  }
  return sum + longest;
}
