// Replaces every file of dist/ by its gzip form, the only one that is committed and embedded, and holds the page to
// its size. The same input gives the same bytes: no time, no name and no operating system in the gzip header.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET = 60_000; // bytes of gzip, the whole page as one browser loads it: one language, the longest
const LANGUAGE = /^assets\/(en|de|nl)-/;

const dist = new URL("../dist/", import.meta.url).pathname;
let total = 0;
let longest = 0; // of the languages
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const packed = gzipSync(readFileSync(path), { level: 9 });
  packed[9] = 255; // RFC 1952: operating system unknown
  writeFileSync(`${path}.gz`, packed);
  rmSync(path);
  if (LANGUAGE.test(path.slice(dist.length))) longest = Math.max(longest, packed.length);
  else total += packed.length;
  console.log(`${String(packed.length).padStart(7)}  ${path.slice(dist.length)}.gz`);
}
total += longest;
console.log(`${String(total).padStart(7)}  of ${BUDGET} bytes`);
if (total === 0 || total > BUDGET) {
  console.error("press: the page is empty or over its budget: look at what was added to src/");
  process.exit(1);
}
