import assert from "node:assert/strict";
import { test } from "node:test";
import { flawOf } from "#src/password.js";

test("a new password has eight characters and is typed the same twice", () => {
  assert.equal(flawOf("seven77", "seven77"), "short");
  assert.equal(flawOf("eight888", "eight888"), null);
  assert.equal(flawOf("eight888", "Eight888"), "differs");
  assert.equal(flawOf("", ""), "short");
});

test("characters are counted as people count them, and spaces are some", () => {
  assert.equal(flawOf("🐝🐝🐝🐝", "🐝🐝🐝🐝"), "short");
  assert.equal(flawOf("🐝🐝🐝🐝🐝🐝🐝🐝", "🐝🐝🐝🐝🐝🐝🐝🐝"), null);
  assert.equal(flawOf("  a b   ", "  a b   "), null);
});
