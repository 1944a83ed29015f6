// Replaces every file of dist/ by its gzip form, the only one that is committed and embedded, and holds the page to
// its size. Zopfli packs three percent tighter than zlib; the same input gives the same bytes: no time and no name in
// the gzip header, and no operating system.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { gzipAsync } from "@gfx/zopfli";

const BUDGET = 60_000; // bytes of gzip, the whole page: one language, the longest
const LANGUAGE = /^assets\/(en|de|nl)-/; // a catalogue of words

const dist = new URL("../dist/", import.meta.url).pathname;

async function pack(path) {
  const plain = readFileSync(path);
  const packed = Buffer.from(await gzipAsync(plain, { numiterations: 15 }));
  packed[9] = 255; // RFC 1952: operating system unknown
  if (!gunzipSync(packed).equals(plain)) throw new Error(`press: ${path} does not come out as it went in`);
  writeFileSync(`${path}.gz`, packed);
  rmSync(path);
  return packed.length;
}

let total = 0;
let longest = 0; // of the languages
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const name = path.slice(dist.length);
  const size = await pack(path);
  if (LANGUAGE.test(name)) longest = Math.max(longest, size);
  else total += size;
  console.log(`${String(size).padStart(7)}  ${name}.gz`);
}
total += longest;
console.log(`${String(total).padStart(7)}  of ${BUDGET} bytes`);
if (total === 0 || total > BUDGET) {
  console.error("press: the page is empty or over its budget: look at what was added to src/");
  process.exit(1);
}
