import assert from "node:assert/strict";
import { test } from "node:test";
import { group } from "#src/group.js";

const event = (id, members) => ({ id, time: null, kind: "finding", severity: "warning", device: "m", text: "again", cause: null, undo: null, ...members });

test("what repeats becomes one line with a number, the newest standing for all", () => {
  const lines = group([event(5), event(4), event(3, { device: "n" }), event(2), event(1)], "all");
  assert.deepEqual(lines.map((l) => [l.event.id, l.times]), [[5, 2], [3, 1], [2, 2]]);
});

test("filters keep what they name", () => {
  const events = [event(1, { kind: "quarantine", severity: "note" }), event(2, { kind: "device", severity: "note" }), event(3)];
  const ids = (filter) => group(events, filter).map((l) => l.event.id);
  assert.deepEqual([ids("all"), ids("unusual"), ids("new"), ids("actions")], [[1, 2, 3], [3], [2], [1]]);
});
