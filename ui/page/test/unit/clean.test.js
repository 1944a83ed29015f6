import assert from "node:assert/strict";
import { test } from "node:test";
import { clean } from "#src/clean.js";

test("bidirectional controls cannot turn a name around", () => {
  assert.equal(clean("cam\u202egnp.exe"), "cam\ufffdgnp.exe");
  assert.equal(clean("\u2066a\u2069\u200f"), "\ufffda\ufffd\ufffd");
});

test("control and invisible characters are shown as such", () => {
  assert.equal(clean("a\u0000b\u200bc\nd\ue000"), "a\ufffdb\ufffdc\ufffdd\ue000");
  assert.equal(clean("tag\u{e0041}"), "tag\ufffd");
  assert.equal(clean("half\ud800"), "half\ufffd");
});

test("markup is text like any other", () => {
  assert.equal(clean("<img src=x onerror=alert(1)>"), "<img src=x onerror=alert(1)>");
});

test("piled up marks do not grow over their neighbours", () => {
  assert.equal(clean("Z" + "\u0301".repeat(40)), "Z\u0301\u0301");
});

test("emoji, Persian and Chinese names stay as they are", () => {
  for (const name of ["👩‍👧 phone", "می‌خواهم", "客厅电视"]) assert.equal(clean(name), name);
});

test("a long name ends with an ellipsis, and what is no text is nothing", () => {
  assert.equal(clean("x".repeat(100000)), "x".repeat(63) + "…");
  assert.equal(clean(null), "");
  assert.equal(clean({ toString: () => "x" }), "");
});
