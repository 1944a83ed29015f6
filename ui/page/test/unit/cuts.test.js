import assert from "node:assert/strict";
import { test } from "node:test";
import { owners, strictest, waits, without } from "#src/cuts.js";
import { device, quarantine } from "./make.js";

const mine = quarantine({ id: "q1", level: "internet" });
const isp = quarantine({ id: "q2", level: "full", source: "dots", provider: "isp" });
const other = quarantine({ id: "q3", level: "flow", source: "dots", provider: "other" });
const held = device(1, { quarantines: [isp, mine, other] });

test("of several quarantines the strictest counts, of equals the first", () => {
  assert.equal(strictest([other, mine, isp]), isp);
  const twin = { ...mine, id: "q9" };
  assert.equal(strictest([mine, twin]), mine);
  assert.equal(strictest([]), null);
});

test("when the strict one ends the milder one stays", () => {
  assert.equal(without(held, "dots"), mine);
  assert.equal(without(held, "owner"), isp);
  assert.equal(without(device(1, { quarantines: [mine] }), "owner"), null);
});

test("a held device waits for the owner as long as the owner's quarantine stands", () => {
  assert.equal(owners(held), mine);
  assert.equal(waits(device(1, { held: true, quarantines: [mine] })), true);
  assert.equal(waits(device(1, { held: true, quarantines: [isp] })), false);
  assert.equal(waits(held), false);
});
