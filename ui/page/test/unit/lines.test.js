import assert from "node:assert/strict";
import { test } from "node:test";
import { lines, MAX_LINES, others, step } from "#src/lines.js";
import { OTHERS } from "#src/seats.js";
import { device, home } from "./make.js";

const choice = (members = {}) => ({ seated: new Set([1, 2]), shown: new Map([[1, 1], [2, 2]]), cut: new Set(), unusual: new Set(), beyond: new Set(), device: null, owner: null, ...members });
const small = (pairs) => home({ devices: [device(1), device(2)], owners: [[1, "a", "domain"], [2, "b", "domain"], [3, "c", "domain"], [4, "d", "domain"]], pairs });

test("width follows the rate in five steps", () => {
  assert.deepEqual([0, 50, 5000, 50000, 500000, 5e6, 5e9].map(step), [1, 1, 2, 3, 4, 5, 5]);
});

test("a line is full for ten seconds, thin for sixty, then gone", () => {
  const of = (ago) => lines(small([[1, 1, 0, 0, ago]]), choice())[0]?.thin;
  assert.deepEqual([5, 10, 11, 60, 61].map(of), [false, false, true, true, undefined]);
});

test("a line says which way most goes", () => {
  const of = (tx, rx) => lines(small([[1, 1, tx, rx, 0]]), choice())[0].way;
  assert.deepEqual([of(9, 1), of(1, 9), of(0, 0)], ["up", "down", "still"]);
});

test("the picked device shows all its pairs of the hour", () => {
  const h = small([[1, 1, 0, 0, 3000], [1, 2, 0, 0, 5], [2, 1, 0, 0, 3000]]);
  assert.equal(lines(h, choice()).length, 1);
  assert.deepEqual(lines(h, choice({ device: 1 })).map((l) => l.key).toSorted(), ["1.1", "1.2"]);
});

test("what goes beyond a description is drawn however long ago it was, on top, also as part of the others", () => {
  const h = small([[1, 1, 0, 0, 3000], [1, 2, 9, 9, 0], [2, 3, 0, 0, 3000], [2, 4, 5, 5, 0]]);
  const found = lines(h, choice({ beyond: new Set(["1.1", "2.3"]) })).map((l) => [l.key, l.beyond]);
  assert.deepEqual(found, [["1.2", false], ["1.1", true], [`2.${OTHERS}`, true]]);
});

test("what a cut-off device tries is not drawn as traffic", () => {
  const [line] = lines(small([[1, 1, 9e6, 9e6, 0]]), choice({ cut: new Set([1]) }));
  assert.deepEqual([line.way, line.width, line.thin], ["still", 1, true]);
});

test("owners without a seat share one line a device, sums kept", () => {
  const h = small([[1, 3, 10, 20, 0], [1, 4, 1, 2, 0], [2, 1, 5, 5, 0]]);
  const shared = lines(h, choice()).find((l) => l.owner === OTHERS);
  assert.deepEqual([shared.tx, shared.rx], [11, 22]);
  assert.deepEqual(others(h, new Set([1, 2])), { owners: 2, tx: 11, rx: 22 });
});

test("no more than 120 lines, the busiest and the unusual ones, on top", () => {
  const devices = Array.from({ length: 60 }, (_, i) => device(i + 1));
  const owners = Array.from({ length: 20 }, (_, i) => [i + 1, `o${i}`, "domain"]);
  const pairs = devices.flatMap((d) => owners.map(([o]) => [d.id, o, 0, d.id * 100 + o, 0]));
  const drawn = lines(home({ devices, owners, pairs }), {
    seated: new Set(owners.map((o) => o[0])), shown: new Map(devices.map((d) => [d.id, d.id])), cut: new Set(), unusual: new Set([1]), beyond: new Set(), device: null, owner: null,
  });
  assert.equal(drawn.length, MAX_LINES);
  assert.equal(drawn.at(-1).device, 1, "unusual lines are drawn last");
  assert.equal(drawn.filter((l) => l.device === 1).length, 20);
});
