import assert from "node:assert/strict";
import { test } from "node:test";
import { rows } from "#src/fold.js";
import { order as orderAt, plan } from "#src/layout.js";
import { cutDevices, markIs, present, shown, waiting } from "#src/state.js";
import { device, home, NOW, quarantine } from "./make.js";

const order = (devices) => orderAt(devices, NOW);

const SIZE = { width: 900, height: 700, touch: false };
const homeOf = (n, kinds) => {
  const devices = order(Array.from({ length: n }, (_, i) => device(i + 1, { kind: kinds?.[i % kinds.length] ?? null })));
  return rows(devices, { marks: new Map(), open: new Set(), picked: null }, NOW);
};
const steps = (places) => places.slice(1).map((p, i) => p.y - places[i].y);

test("devices stand by kind, then first seen, whatever they send", () => {
  const devices = [device(1, { kind: "camera" }), device(2, { kind: "phone", rxRate: 9e9 }), device(3), device(4, { kind: "phone" }), device(5, { kind: "toaster" })];
  assert.deepEqual(order(devices).map((d) => d.id), [2, 4, 1, 5, 3]);
  assert.deepEqual(order(devices.toReversed()).map((d) => d.id), [2, 4, 1, 5, 3]);
});

test("what was silent for a week stands at the end", () => {
  const gone = device(1, { kind: "phone", online: false, lastSeen: new Date((NOW - 8 * 86400) * 1000).toISOString() });
  assert.deepEqual(order([gone, device(2), device(3, { kind: "tv" })]).map((d) => d.id), [3, 2, 1]);
});

test("hidden devices have no place, but what is cut off stays in sight", () => {
  const cut = (members) => ({ ignored: true, quarantine: quarantine(members), quarantines: [quarantine(members)] });
  present.value = home({ devices: [device(1), device(2, { ignored: true }), device(3, cut({})), device(4, { ...cut({ source: "owner" }), held: true })] });
  const ids = (list) => list.map((d) => d.id);
  assert.deepEqual([ids(shown.value), ids(cutDevices.value), ids(waiting.value)], [[1], [3], [4]]);
  assert.deepEqual([markIs(3), markIs(4)], ["cut", "held"]);
});

for (const n of [1, 12, 60]) {
  for (const kinds of [undefined, ["phone", "camera", "tv", "hub"]]) {
    test(`${n} devices of ${kinds ? kinds.length : 1} kinds never come closer than two lines of text`, () => {
      const p = plan(homeOf(n, kinds), Array.from({ length: Math.min(n, 28) }, (_, i) => i), SIZE);
      for (const s of [...steps(p.left), ...steps(p.right)]) assert.ok(s >= 16.9, `step ${s}`);
      assert.ok(p.left.every((place) => place.y > 30 && place.y < p.height));
      assert.equal(p.left.length, n);
    });
  }
}

test("twelve devices use the height that is there", () => {
  const p = plan(homeOf(12), [1, 2, 3], SIZE);
  assert.equal(p.height, SIZE.height);
  assert.ok(p.left.at(-1).y - p.left[0].y > 0.8 * (SIZE.height - 60));
});

test("sixty devices make the map taller instead of tighter", () => {
  assert.ok(plan(homeOf(60), [], SIZE).height > 1000);
});

test("under a finger each row is 44 pixels", () => {
  const p = plan(homeOf(60), Array.from({ length: 28 }, (_, i) => i), { ...SIZE, touch: true });
  assert.ok(p.step >= 44 && p.ownerStep >= 44);
});

test("headings have room of their own", () => {
  const p = plan(homeOf(60, ["phone", "camera"]), [], SIZE);
  for (const h of p.headings) for (const place of p.left) assert.ok(Math.abs(place.y - (h.y - 6)) >= 13, `${h.kind} on ${place.id}`);
});

test("the same home has the same plan", () => {
  assert.deepEqual(plan(homeOf(30, ["tv", "hub"]), [4, 5], SIZE), plan(homeOf(30, ["tv", "hub"]), [4, 5], SIZE));
});
