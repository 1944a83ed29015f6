import assert from "node:assert/strict";
import { test } from "node:test";
import { rewound } from "#src/rewind.js";
import { device, flow, home, NOW } from "./make.js";

const iso = (at) => new Date(at * 1000).toISOString();
const FROM = NOW - 7200;
const past = (flows) => ({ from: FROM, to: FROM + 600, flows, more: false });
const said = (members) => flow({ device: device(1).mac, remote: "198.51.100.7", first: iso(FROM), last: iso(FROM + 600), state: "ended", ...members });
const now = home({ devices: [device(1, { txRate: 9 }), device(2), device(3, { firstSeen: iso(NOW - 60) })], owners: [[7, "cam.example", "domain"]], pairs: [[1, 7, 9, 9, 0]] });

test("the past has the devices of then with their rates of then", () => {
  const then = rewound(now, past([said({ owner: "cam.example", txBytes: 60000, rxBytes: 600 })]));
  assert.deepEqual([...then.devices.keys()], [1, 2]);
  assert.deepEqual([then.devices.get(1).txRate, then.devices.get(1).rxRate, then.devices.get(2).txRate], [100, 1, 0]);
  assert.deepEqual([...then.pairs.values()].map((p) => [p.device, p.owner, p.tx, p.rx]), [[1, 7, 100, 1]]);
});

test("owners that nobody talks to now get a place; what lies outside the window does not count", () => {
  const then = rewound(now, past([
    said({ owner: "old.example", ownerSource: "domain", txBytes: 1200, first: iso(FROM - 600) }), // half of it is in the window
    said({ owner: "old.example", txBytes: 600 }),
    said({ owner: "gone.example", txBytes: 600, first: iso(FROM - 900), last: iso(FROM - 300) }),
    said({ owner: "\u202ebad", txBytes: 0, rxBytes: 1200 }),
  ]));
  const named = [...then.pairs.values()].map((p) => [then.owners.get(p.owner).name, p.tx, p.rx]);
  assert.deepEqual(named, [["old.example", 2, 0], ["\ufffdbad", 0, 2]]);
});

test("talk inside the home counts for both ends, and is no line to the internet", () => {
  const then = rewound(now, past([said({ scope: "lan", peer: device(2).mac, txBytes: 6000, rxBytes: 600 })]));
  assert.deepEqual([1, 2].map((id) => [then.devices.get(id).txRate, then.devices.get(id).rxRate]), [[10, 1], [1, 10]]);
  assert.equal(then.pairs.size, 0);
});
