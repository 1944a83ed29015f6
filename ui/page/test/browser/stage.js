// The stage for browser tests: the built page from a small server that sends the headers of the real one, and Chromium.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { chromium } from "playwright-core";

const DIST = new URL("../../dist/", import.meta.url).pathname;

export const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };

/** Serves dist/ on a free port of the loopback. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const name = path === "/" ? "index.html" : path.slice(1);
    const body = await readFile(join(DIST, `${name}.gz`)).catch(() => null);
    if (!body) return response.writeHead(404).end();
    response.writeHead(200, {
      "Content-Type": TYPES[name.split(".").pop()], "Content-Encoding": "gzip", "Content-Security-Policy": CSP,
      "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
    });
    response.end(body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => new Promise((done) => { server.close(done); server.closeAllConnections(); }) };
}

/** Starts Chromium with nothing that talks to the outside. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

export const DESK = { width: 1280, height: 860 };
export const PHONE = { width: 390, height: 844 };

/** Opens the page in a context of its own. What the browser complains about is in `page.complaints`. */
export async function open(browser, url, home, { viewport = DESK, hash = "", script, ...options } = {}) {
  const context = await browser.newContext({ viewport, timezoneId: "UTC", locale: "en-GB", ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (line) => line.type() === "error" && !/ERR_CONNECTION_REFUSED|status of 4\d\d|HTTP Authentication failed/.test(line.text()) && page.complaints.push(line.text()));
  if (script) await context.addInitScript(script);
  if (home) await home.wire(page);
  await page.goto(url + hash);
  return page;
}

const SHOTS = process.env.SCREENSHOTS;

/** Keeps a picture for people to look at, in the folder that SCREENSHOTS names; else nobody would. */
export async function shoot(page, name) {
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** Keeps what was just done from leaving the page: it does so after ten seconds, but not under the pointer. */
export const holdToast = (page) => page.locator(".toast").hover();

/** Waits until there is no such element, or no more. */
export const gone = (locator) => locator.first().waitFor({ state: "detached" });

/** Waits until what is asserted holds. */
export async function settles(check) {
  for (const end = Date.now() + 30_000; ; await new Promise((next) => { setTimeout(next, 50); })) {
    try {
      return check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
