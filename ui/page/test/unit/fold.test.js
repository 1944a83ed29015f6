import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_OPEN, MAX_ROWS, rows as rowsOf } from "#src/fold.js";
import { order } from "#src/layout.js";
import { lines } from "#src/lines.js";
import { device, home, NOW } from "./make.js";

const many = (n, kind, from = 1, members = {}) => Array.from({ length: n }, (_, i) => device(from + i, { kind, ...members }));
const rows = (devices, { marks = new Map(), open = [], picked = null } = {}) => rowsOf(order(devices, NOW), { marks, open: new Set(open), picked }, NOW);
const groups = (list) => list.filter((r) => r.members.length > 1).map((r) => [r.kind, r.members.length]);
const all = (list) => list.reduce((n, r) => n + r.members.length, 0);

test("sixty devices have a place each", () => {
  assert.deepEqual(groups(rows([...many(30, "light"), ...many(30, "plug", 31)])), []);
});

test("of more the largest kind folds, whole, and opens again", () => {
  const devices = [...many(24, "light"), ...many(21, "plug", 25), ...many(19, "camera", 46)];
  assert.deepEqual(groups(rows(devices)), [["light", 24]]);
  assert.equal(rows(devices).length, 41);
  assert.equal(all(rows(devices)), 64);
  assert.deepEqual(groups(rows(devices, { open: ["light"] })), [["plug", 21]]);
  assert.equal(rows(devices, { open: ["light", "plug", "camera"] }).length, 64);
});

test("who needs a look, and who is looked at, keeps a place", () => {
  const devices = many(70, "light");
  const marks = new Map(devices.map((d) => [d.id, d.id === 3 ? "unusual" : d.id === 4 ? "cut" : d.id === 5 ? "held" : "normal"]));
  const list = rows(devices, { marks, picked: 9 });
  assert.deepEqual(list.filter((r) => r.members.length === 1).map((r) => r.id), [3, 4, 5, 9]);
  assert.deepEqual(groups(list), [["light", 66]]);
});

test("a flood of new devices folds by itself and takes nobody's place", () => {
  const family = [...many(20, null), ...many(30, "camera", 21)];
  const devices = [...family, ...many(500, null, 100)];
  const marks = new Map(devices.map((d) => [d.id, d.id < 100 ? "normal" : "new"]));
  const list = rows(devices, { marks });
  assert.equal(list.length, MAX_ROWS);
  assert.ok(family.every((d) => list.some((r) => r.id === d.id)));
  assert.deepEqual(groups(list), [["other", 491]]);
  assert.equal(rows(devices, { marks, open: ["other"] }).length, MAX_OPEN);
});

test("devices without a known kind fold as far as they must, the newest first", () => {
  const list = rows(many(70, null));
  assert.equal(list.length, MAX_ROWS);
  assert.deepEqual(list.at(-1).members.map((d) => d.id), Array.from({ length: 11 }, (_, i) => 70 - i));
});

test("devices in one place share their lines", () => {
  const devices = many(3, "light");
  const h = home({ devices, owners: [[7, "a", "domain"]], pairs: devices.map((d) => [d.id, 7, 10, 1, 0]) });
  const drawn = lines(h, { seated: new Set([7]), shown: new Map([[1, -2], [2, -2], [3, 3]]), cut: new Set(), unusual: new Set(), beyond: new Set(), device: null, owner: null });
  assert.deepEqual(drawn.map((l) => [l.device, l.owner, l.tx]), [[3, 7, 10], [-2, 7, 20]]);
});
