import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Europe/Amsterdam";
const { agree, bytes, clock, count, fit, left, midnight, moment, nextMorning, rate, rfc3339, span, unix } = await import("#src/format.js");

test("bytes keep two digits below ten and change the unit before four", () => {
  const cases = [[0, "0 B"], [999, "999 B"], [1000, "1.0 kB"], [5460, "5.5 kB"], [9949, "9.9 kB"], [9960, "10 kB"],
    [120400, "120 kB"], [999499, "999 kB"], [999500, "1.0 MB"], [5e15, "5.0 PB"], [5e18, "5000 PB"]];
  for (const [n, want] of cases) assert.equal(bytes(n), want);
});

test("no rate is idle", () => {
  assert.equal(rate(0), "idle");
  assert.equal(rate(51000), "51 kB/s");
});

test("counts have their thousands apart", () => {
  assert.equal(count(1234567), "1,234,567");
  assert.equal(count(37), "37");
});

test("times are the reader's wall clock", () => {
  const at = Date.UTC(2026, 10, 21, 11, 4, 31) / 1000;
  assert.equal(clock(at), "12:04");
  assert.equal(clock(at, true), "12:04:31");
  assert.equal(moment(at, at + 3600), "12:04");
  assert.equal(moment(at, at + 86400), "21 Nov 12:04");
  assert.equal(moment(at, at + 86400 * 60), "21 Nov 2026 12:04");
});

test("spans have one unit", () => {
  assert.deepEqual([5.9, 60, 7300, 200000, -3].map(span), ["5 s", "1 min", "2 h", "2 d", "0 s"]);
});

test("the next morning is at least an hour away, also when the clocks change", () => {
  const at = (...utc) => Date.UTC(...utc) / 1000;
  assert.equal(nextMorning(at(2026, 10, 21, 20)), at(2026, 10, 22, 6));
  assert.equal(nextMorning(at(2026, 10, 21, 1)), at(2026, 10, 21, 6));
  assert.equal(nextMorning(at(2026, 10, 21, 5, 30)), at(2026, 10, 22, 6));
  assert.equal(nextMorning(at(2026, 9, 24, 20)), at(2026, 9, 25, 6), "clocks go back that night");
});

test("what is left has two units and never reaches none before its end", () => {
  const cases = [[-1, "0 s"], [0.2, "1 s"], [59, "59 s"], [60, "1 min 0 s"], [3599.5, "1 h 0 min"], [3552, "59 min 12 s"],
    [22320, "6 h 12 min"], [86400 * 2 + 3 * 3600 + 59, "2 d 3 h"]];
  for (const [s, want] of cases) assert.equal(left(s), want);
});

test("the clock takes the router's word, but not back by the part of a second that it leaves out", () => {
  assert.equal(agree(100.7, 100), 100.7);
  assert.equal(agree(100.7, 102), 102);
  assert.equal(agree(100.7, 40), 40);
});

test("today began at the reader's midnight", () => {
  assert.equal(rfc3339(midnight(Date.UTC(2026, 10, 21, 11, 4) / 1000)), "2026-11-20T23:00:00Z");
});

test("nonsense is no time", () => {
  assert.equal(unix("soon"), null);
  assert.equal(unix(null), null);
});

test("a label is cut to its column, wide letters sooner", () => {
  assert.equal(fit("Radio", 100, 13), "Radio");
  const cut = fit("A very long device name that goes on", 100, 13);
  assert.match(cut, /…$/);
  assert.ok(cut.length < 18);
  assert.ok(fit("客厅电视客厅电视客厅电视", 100, 13).length < cut.length);
});
