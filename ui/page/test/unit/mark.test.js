import assert from "node:assert/strict";
import { test } from "node:test";
import { beginning, markOf, markThen } from "#src/mark.js";
import { device, NOW, quarantine } from "./make.js";

const at = (unix) => new Date(unix * 1000).toISOString();
const finding = { id: 1, kind: "scan", severity: "alarm", text: "", state: "open" };
const mark = (members, began = NOW - 86400 * 9) => markOf(device(1, members), NOW, began);

test("a cut comes before all, then what is unusual", () => {
  assert.equal(mark({ quarantine: quarantine(), findings: [finding] }), "cut");
  assert.equal(mark({ quarantine: quarantine({ level: "flow" }), contested: true }), "part");
  assert.equal(mark({ findings: [finding], online: false }), "unusual");
  assert.equal(mark({ findings: [{ ...finding, state: "fine" }] }), "normal");
  assert.equal(mark({ findings: [{ ...finding, severity: "note" }] }), "normal");
  assert.equal(mark({ online: false }), "offline");
});

test("what was ordered and is not in force does not look cut off", () => {
  assert.equal(mark({ quarantine: quarantine({ inForce: false }) }), "unusual");
});

test("a new device that is held waits, and one that something poses as is unusual", () => {
  assert.equal(mark({ quarantine: quarantine({ level: "internet" }), held: true }), "held");
  assert.equal(mark({ contested: true, online: false }), "unusual");
});

test("a device is new for a day, but not in a home that is being learned", () => {
  assert.equal(mark({ firstSeen: at(NOW - 3600) }), "new");
  assert.equal(mark({ firstSeen: at(NOW - 90000) }), "normal");
  assert.equal(mark({ firstSeen: at(NOW - 3600), trusted: true }), "normal");
  assert.equal(mark({ firstSeen: at(NOW - 100) }, NOW - 400), "normal");
});

test("the home begins with its oldest device", () => {
  assert.equal(beginning([device(1, { firstSeen: at(NOW - 50) }), device(2, { firstSeen: null }), device(3, { firstSeen: at(NOW - 70) })]), NOW - 70);
  assert.equal(beginning([]), Infinity);
});

test("the state of then follows from what held a device then, then from what was unusual", () => {
  const then = {
    since: null, findings: [{ device: "a", id: 1, kind: "scan", severity: "alarm" }, { device: "b", id: 2, kind: "scan", severity: "note" }, { device: "c", id: 3, kind: "scan", severity: "alarm" }],
    quarantines: [{ device: "c", level: "flow" }, { device: "d", level: "internet" }, { device: "d", level: "full" }],
  };
  assert.deepEqual(["a", "b", "c", "d", "e"].map((mac) => markThen(mac, then)), ["unusual", "normal", "part", "cut", "normal"]);
});
