import assert from "node:assert/strict";
import { test } from "node:test";
import { letters } from "#src/blank.js";

test("devices are lettered as columns of a sheet are", () => {
  assert.deepEqual([0, 25, 26, 51, 52, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
});
