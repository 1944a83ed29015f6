import assert from "node:assert/strict";
import { test } from "node:test";
import { columns, fill, total } from "#src/series.js";
import { flow, NOW } from "./make.js";

const iso = (at) => new Date(at * 1000).toISOString();
const FROM = NOW - 600;

test("buckets and the flows that are listed add up, also those that ended or were stopped a moment ago", () => {
  const buckets = [{ at: iso(FROM), rxBytes: 10, txBytes: 1 }, { at: iso(FROM + 120), rxBytes: 30, txBytes: 3 }, { at: iso(NOW + 60), rxBytes: 9, txBytes: 9 }];
  const flows = [flow({ device: "a", state: "ended", rxBytes: 590, txBytes: 50, first: iso(FROM), last: iso(NOW) }),
    flow({ device: "a", state: "refused", txBytes: 10, first: iso(FROM), last: iso(NOW) }),
    flow({ device: "a", state: "live", rxBytes: 10, first: iso(FROM), last: iso(NOW) })];
  const sums = fill(buckets, flows, FROM, NOW, 60, "a");
  assert.equal(sums.length, 10);
  assert.deepEqual(sums.slice(0, 3), [{ rx: 70, tx: 7 }, { rx: 60, tx: 6 }, { rx: 90, tx: 9 }]);
  assert.deepEqual(total(sums), { rx: 640, tx: 64 });
});

test("of a flow that began before, only its share since then counts; one told from the other end is turned round", () => {
  const before = flow({ device: "b", peer: "a", scope: "lan", state: "live", rxBytes: 1200, txBytes: 120, first: iso(FROM - 600), last: iso(NOW) });
  assert.deepEqual(total(fill([], [before], FROM, NOW, 60, "a")).tx, 600);
  assert.deepEqual(total(fill([], [before], FROM, NOW, 60, null)).rx, 600);
  const short = flow({ device: "a", state: "live", rxBytes: 5, first: iso(NOW - 30), last: iso(NOW - 30) });
  assert.equal(Math.round(total(fill([], [short], FROM, NOW, 60, "a")).rx), 5);
});

test("a column is as high as its highest step", () => {
  const sums = [1, 90, 2, 3].map((rx) => ({ rx: 60 * rx, tx: 60 }));
  assert.deepEqual(columns(sums, FROM, { length: 240, step: 60, column: 120 }), [{ at: FROM, rx: 90, tx: 1 }, { at: FROM + 120, rx: 3, tx: 1 }]);
});
