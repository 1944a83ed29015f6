import assert from "node:assert/strict";
import { test } from "node:test";
import { area, KEPT, noHistory, remember } from "#src/history.js";
import { device, home } from "./make.js";

const at = (now, rx) => ({ ...home({ devices: [device(1, { rxRate: rx, txRate: 1 }), device(2, { rxRate: 5 })] }), now });

test("one point a second, the peak of it", () => {
  const h = [[100.1, 10], [100.4, 90], [100.9, 20], [101, 7]].reduce((h, [now, rx]) => remember(h, at(now, rx)), noHistory);
  assert.deepEqual(h.devices.get(1), [{ at: 100, rx: 90, tx: 1 }, { at: 101, rx: 7, tx: 1 }]);
  assert.deepEqual(h.total.map((p) => p.rx), [95, 12]);
});

test("two minutes are kept", () => {
  let h = noHistory;
  for (let now = 0; now < 500; now++) h = remember(h, at(now, now));
  assert.equal(h.total.length, KEPT);
  assert.equal(h.total.at(-1).at, 499);
});

test("an area stays inside its box", () => {
  const points = [{ at: 0, rx: 10, tx: 0 }, { at: 1, rx: 20, tx: 0 }];
  assert.equal(area(points, "rx", { width: 100, base: 30, height: 30 }, 20, 0, 2), "M0.0 30H0.0V15.0H50.0V0.0H100.0V30Z");
  assert.equal(area([], "rx", { width: 100, base: 30, height: 30 }, 20, 0, 2), "");
});
