import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Europe/Amsterdam";
const { orderOf } = await import("#src/order.js");

const NOW = Date.UTC(2026, 10, 21, 20) / 1000;
const order = (members, acknowledge = false) =>
  orderOf({ level: "full", length: "forever", until: "", why: "", to: [], ...members }, NOW, acknowledge);

test("the plain order is everything, until undone", () => {
  assert.deepEqual(order({}), { level: "full" });
  assert.deepEqual(order({ why: "  too loud  " }, true), { level: "full", why: "too loud", acknowledge: true });
});

test("an end is a duration or a time in UTC", () => {
  assert.deepEqual(order({ level: "internet", length: "hour" }), { level: "internet", for: "1h" });
  assert.deepEqual(order({ length: "morning" }), { level: "full", until: "2026-11-22T06:00:00Z" });
  assert.deepEqual(order({ length: "own", until: "2026-11-23T18:30" }), { level: "full", until: "2026-11-23T17:30:00Z" });
  assert.equal(order({ length: "own", until: "" }), "until");
});

test("only some traffic needs targets, and other levels send none", () => {
  assert.equal(order({ level: "flow" }), "to");
  assert.deepEqual(order({ level: "flow", to: ["192.0.2.1", "192.0.2.1"] }), { level: "flow", to: ["192.0.2.1"] });
  assert.deepEqual(order({ to: ["192.0.2.1"] }), { level: "full" });
});

test("more targets than the router takes lose their ports first", () => {
  const ports = Array.from({ length: 65 }, (_, i) => [`192.0.2.1:${i + 1}/tcp`, `[2001:db8::1]:${i + 1}/udp`]).flat();
  assert.deepEqual(order({ level: "flow", to: [...ports, "192.0.2.9/icmp", "198.51.100.0/24"] }).to,
    ["192.0.2.1", "2001:db8::1", "192.0.2.9", "198.51.100.0/24"]);
  assert.equal(order({ level: "flow", to: Array.from({ length: 65 }, (_, i) => `192.0.2.${i}`) }), "many");
});
