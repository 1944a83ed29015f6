import assert from "node:assert/strict";
import { test } from "node:test";
import { dependants, parties } from "#src/parties.js";
import { device, flow } from "./make.js";

const me = device(1);
const laptop = device(2, { name: "Laptop", addresses: ["192.168.1.2", "fd00:1::2"] });
const phone = device(3, { name: "Phone" });
const who = (mac) => [me, laptop, phone].find((d) => d.mac === mac);
const out = (members) => flow({ device: me.mac, ...members });

test("flows add up to owners, with one target for each of their services", () => {
  const flows = [
    out({ remote: "192.0.2.1", owner: "cam.example", port: 443, rxBytes: 10, txBytes: 5 }),
    out({ remote: "192.0.2.1", owner: "cam.example", port: 443, txBytes: 5 }),
    out({ remote: "2001:db8::7", owner: "cam.example", port: 8883 }),
    out({ remote: "192.0.2.9", owner: "big.example", protocol: "udp", port: 443, rxBytes: 100 }),
  ];
  assert.deepEqual(parties(flows, me.mac, who), [
    { key: "big.example", name: "big.example", home: false, bytes: 100, to: ["192.0.2.9:443/udp"] },
    { key: "cam.example", name: "cam.example", home: false, bytes: 20, to: ["192.0.2.1:443/tcp", "[2001:db8::7]:8883/tcp"] },
  ]);
});

test("a port counts only where the device began, and what has none goes without", () => {
  const to = (members) => parties([out({ remote: "2001:db8::7", ...members })], me.mac, who)[0].to;
  assert.deepEqual(to({ direction: "in", port: 22 }), ["2001:db8::7/tcp"]);
  assert.deepEqual(to({ protocol: "icmpv6" }), ["2001:db8::7/icmpv6"]);
  assert.deepEqual(to({ protocol: "47" }), ["2001:db8::7"]);
});

test("devices of the home are stopped at all their addresses, from whichever side the flow is told", () => {
  const flows = [
    flow({ device: laptop.mac, peer: me.mac, scope: "lan", remote: "192.168.1.1", port: 631, rxBytes: 7 }),
    out({ peer: laptop.mac, scope: "lan", remote: "192.168.1.2", port: 80, rxBytes: 1 }),
  ];
  assert.deepEqual(parties(flows, me.mac, who), [{ key: laptop.mac, name: "Laptop", home: true, bytes: 8, to: ["192.168.1.2", "fd00:1::2"] }]);
});

test("the router, groups and frames without addresses are no parties", () => {
  const flows = [out({ scope: "router", remote: "192.168.1.1", port: 53 }), out({ scope: "lan", remote: "224.0.0.251", port: 5353 }), out({ protocol: "0x88cc" })];
  assert.deepEqual(parties(flows, me.mac, who), []);
});

test("who began something with a device depends on it, for what its port says", () => {
  const lan = (members) => flow({ scope: "lan", ...members });
  const flows = [
    lan({ device: laptop.mac, peer: me.mac, port: 9100 }),
    lan({ device: laptop.mac, peer: me.mac, port: 80 }), // its web page, beside printing
    lan({ device: me.mac, peer: phone.mac, direction: "in", port: 8443 }),
    lan({ device: me.mac, peer: "02:00:00:00:00:09", port: 445 }), // this device uses that one
  ];
  assert.deepEqual([...dependants(flows, me.mac)], [["print", [laptop.mac]], ["other", [phone.mac]]]);
});
