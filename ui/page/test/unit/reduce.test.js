import assert from "node:assert/strict";
import { test } from "node:test";
import { applyDelta, applyFocus, MAX_EVENTS } from "#src/reduce.js";
import { delta, device, home, NOW } from "./make.js";

const two = () => home({
  devices: [device(1), device(2)], owners: [[1, "Streamly", "service"], [2, "cam.example", "domain"]],
  pairs: [[1, 1, 10, 20, 0], [2, 2, 0, 0, 30]],
});

test("a snapshot dates its pairs by their age", () => {
  assert.equal(two().pairs.get("2.2").last, NOW - 30);
});

test("a delta changes what it names and leaves the rest the same objects", () => {
  const before = two();
  const after = applyDelta(before, delta(2, { r: [[1, 500, 900]] }));
  assert.deepEqual([after.devices.get(1).txRate, after.devices.get(1).rxRate], [500, 900]);
  assert.equal(after.devices.get(2), before.devices.get(2));
  assert.equal(after.pairs, before.pairs);
  assert.equal(after.owners, before.owners);
});

test("a delta that is not newer changes nothing", () => {
  const before = two();
  assert.equal(applyDelta(before, delta(1, { r: [[1, 5, 5]] })), before);
});

test("a device delta keeps the members that it does not name", () => {
  const after = applyDelta(two(), delta(2, { dev: [{ id: 1, online: false }] }));
  assert.equal(after.devices.get(1).online, false);
  assert.equal(after.devices.get(1).name, "device-1");
});

test("what an older router does not send of a device is empty", () => {
  const less = { ...device(1), findings: [{ id: 1, text: "x" }], quarantines: [{ id: "q1" }], mud: { url: null } };
  for (const member of ["exceptions", "mappings", "controls", "maybe"]) delete less[member];
  const known = home({ devices: [less] }).devices.get(1);
  assert.deepEqual([known.exceptions, known.mappings, known.controls, known.maybe], [[], [], [], []]);
  assert.deepEqual([known.findings[0].sources, known.quarantines[0].to, known.mud.policy, known.mud.approvals], [[], [], [], []]);
});

test("a new device comes with all its members", () => {
  const after = applyDelta(two(), delta(2, { dev: [device(3)] }));
  assert.equal(after.devices.size, 3);
  assert.equal(after.torn, false);
});

test("a change of an unknown device asks for everything again", () => {
  assert.equal(applyDelta(two(), delta(2, { dev: [{ id: 9, online: true }] })).torn, true);
  assert.equal(applyDelta(two(), delta(2, { r: [[9, 1, 1]] })).torn, true);
});

test("what is gone takes its pairs along", () => {
  const after = applyDelta(two(), delta(2, { gone: { dev: [1], own: [2] } }));
  assert.deepEqual([after.devices.size, after.owners.size, after.pairs.size], [1, 1, 0]);
});

test("after a device was erased all is asked for again: its events are gone too", () => {
  const ev = (kind) => [{ id: 9, kind, severity: "note", text: "x", device: null }];
  assert.equal(applyDelta(two(), delta(2, { gone: { dev: [1] }, ev: ev("audit") })).torn, true);
  assert.equal(applyDelta(two(), delta(2, { gone: { dev: [1] }, ev: ev("device") })).torn, false);
});

test("a pair that fell silent stays for an hour", () => {
  let h = applyDelta(two(), delta(2, { p: [[1, 1, 0, 0]] }));
  assert.equal(h.pairs.has("1.1"), true);
  h = applyDelta(h, { t: "d", seq: 3, now: NOW + 3700, p: [[2, 2, 5, 5]] });
  assert.deepEqual([...h.pairs.keys()], ["2.2"]);
});

test("events stand newest first, once each, and are bounded", () => {
  const event = (id) => ({ id, time: null, kind: "device", severity: "note", device: null, text: `event ${id}`, cause: null, undo: null });
  let h = applyDelta(two(), delta(2, { ev: [event(1), event(2)] }));
  h = applyDelta(h, delta(3, { ev: [event(2), event(3)] }));
  assert.deepEqual(h.events.map((e) => e.id), [3, 2, 1]);
  h = applyDelta(h, delta(4, { ev: Array.from({ length: 900 }, (_, i) => event(i + 4)) }));
  assert.equal(h.events.length, MAX_EVENTS);
  assert.equal(h.events[0].id, 903);
});

test("rows in focus follow their deltas, and only those of the device in focus", () => {
  let h = applyFocus(two(), { t: "focus", dev: 1, seq: 1, rows: [[7, "a.example", 1, 443, 1, 2, 0, NOW]], more: 4 });
  h = applyFocus(h, { t: "fd", dev: 1, seq: 2, rows: [[8, "b.example", 1, 53, 0, 0, 9, NOW]], gone: [7] });
  assert.deepEqual([...h.focus.rows.values()].map((r) => r.name), ["b.example"]);
  assert.equal(h.focus.more, 4);
  assert.equal(applyFocus(h, { t: "fd", dev: 2, seq: 3, rows: [] }), h);
});

test("any cut of the same changes ends in the same home", () => {
  const changes = Array.from({ length: 40 }, (_, i) => ({ r: [[1 + (i % 2), i, 2 * i]], p: [[1 + (i % 2), 1 + (i % 2), i, i]], dev: [{ id: 1, rxBytes: i }] }));
  const one = changes.reduce((h, c, i) => applyDelta(h, delta(i + 2, c)), two());
  const last = changes.slice(-2);
  const merged = { r: last.flatMap((c) => c.r), p: last.flatMap((c) => c.p), dev: last.flatMap((c) => c.dev) };
  const other = applyDelta(two(), delta(41, merged));
  assert.deepEqual(other.devices, one.devices);
  assert.deepEqual([...other.pairs].map(([k, p]) => [k, p.tx, p.rx]), [...one.pairs].map(([k, p]) => [k, p.tx, p.rx]));
});
