import assert from "node:assert/strict";
import { test } from "node:test";
import { isGrey, noSeats, reseat, SEATS } from "#src/seats.js";
import { device, home, NOW } from "./make.js";

const NONE = new Set();
const owners = (n) => Array.from({ length: n }, (_, i) => [i + 1, `o${i + 1}`, "domain"]);
const busy = (n, rate) => home({ devices: [device(1)], owners: owners(n), pairs: owners(n).map(([id]) => [1, id, 0, rate(id), 0]) });
const later = (h, seconds) => ({ ...h, now: h.now + seconds });

test("no more than 27 owners sit", () => {
  const s = reseat(noSeats, busy(60, (id) => 1000 * id), NONE);
  assert.equal(s.seated.length, SEATS);
  assert.ok(s.seated.includes(60) && !s.seated.includes(1));
});

test("who sits keeps the same place while traffic changes a little", () => {
  const s = reseat(noSeats, busy(40, (id) => 1000 * id), NONE);
  const t = reseat(s, later(busy(40, (id) => 1000 * id + (id % 7) * 900), 30), NONE);
  assert.equal(t.seated, s.seated);
});

test("an outsider that becomes busy takes the seat of the quietest, one in ten seconds", () => {
  const s = reseat(noSeats, busy(60, (id) => 1000 * id), NONE);
  const turned = busy(60, (id) => (id <= 5 ? 9e8 : 1000 * id));
  const t = reseat(s, later(turned, 11), NONE);
  assert.equal(t.seated.filter((id) => id <= 5).length, 1);
  assert.equal(t.seated.filter((id, i) => id !== s.seated[i]).length, 1, "the others did not move");
  assert.equal(reseat(t, later(turned, 15), NONE).seated, t.seated);
  assert.equal(reseat(t, later(turned, 22), NONE).seated.filter((id) => id <= 5).length, 2);
});

test("the owner of an unusual line gets a seat whatever its rank", () => {
  const h = busy(60, (id) => 1000 * id);
  const s = reseat(noSeats, h, NONE);
  assert.ok(reseat(s, later(h, 11), new Set([1])).seated.includes(1));
});

test("an owner that left the home leaves its seat to the next", () => {
  const s = reseat(noSeats, busy(3, () => 10), NONE);
  assert.deepEqual(reseat(s, later(busy(2, () => 10), 1), NONE).seated.toSorted(), [1, 2]);
});

test("an owner that nobody talked to for an hour has no seat", () => {
  const h = home({ devices: [device(1)], owners: owners(2), pairs: [[1, 2, 0, 5, 0]] });
  assert.deepEqual(reseat(noSeats, h, NONE).seated, [2]);
});

test("an owner greys after ten silent minutes", () => {
  const h = home({ devices: [device(1)], owners: owners(2), pairs: [[1, 1, 0, 0, 590], [1, 2, 0, 0, 610]] });
  assert.equal(h.now, NOW);
  assert.deepEqual([isGrey(1, h), isGrey(2, h)], [false, true]);
});
