import assert from "node:assert/strict";
import { test } from "node:test";
import { twinsOf } from "#src/twins.js";
import { device } from "./make.js";

const twins = (of, ...all) => twinsOf(of, [of, ...all]).map((d) => d.id);

test("twins are of one kind, and of one maker or one description; the hidden and the unknown are none", () => {
  const camera = { kind: "camera", vendor: "Lens Corp" };
  const mud = { url: "https://lens.example/one" };
  assert.deepEqual(twins(device(1, camera), device(2, camera), device(3, { ...camera, kind: "hub" }), device(4, { ...camera, ignored: true })), [2]);
  assert.deepEqual(twins(device(1, { kind: "camera", mud }), device(2, { kind: "camera", mud }), device(3, { kind: "camera" })), [2]);
  assert.deepEqual(twins(device(1, { kind: "camera" }), device(2, { kind: "camera" })), []);
  assert.deepEqual(twins(device(1, { vendor: "Lens Corp" }), device(2, { vendor: "Lens Corp" })), []);
});
