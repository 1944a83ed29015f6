import assert from "node:assert/strict";
import { test } from "node:test";
import { batch, computed, effect, signal, untracked } from "#src/signal.js";

test("an effect runs again when what it read has changed, until it is ended", () => {
  const [a, other] = [signal(1), signal(1)];
  const seen = [];
  const end = effect(() => void seen.push(a.value));
  a.value = 2;
  a.value = 2;
  other.value = 2;
  end();
  a.value = 3;
  assert.deepEqual(seen, [1, 2]);
});

test("what follows is worked out once for each change, and who reads it is told only of another value", () => {
  const a = signal(1);
  let worked = 0;
  const odd = computed(() => (worked++, a.value % 2 === 1));
  const seen = [];
  effect(() => void seen.push(odd.value));
  effect(() => void odd.value);
  a.value = 3;
  a.value = 4;
  assert.deepEqual(seen, [true, false]);
  assert.equal(worked, 3);
});

test("what is read depends on what was read before it", () => {
  const [which, left, right] = [signal("left"), signal(1), signal(10)];
  const chosen = computed(() => (which.value === "left" ? left.value : right.value));
  const seen = [];
  effect(() => void seen.push(chosen.value));
  right.value = 11;
  which.value = "right";
  left.value = 2;
  right.value = 12;
  assert.deepEqual(seen, [1, 11, 12]);
});

test("several changes together are seen once; what an effect changes is seen too", () => {
  const [a, b, sum] = [signal(1), signal(2), signal(0)];
  const seen = [];
  effect(() => void seen.push(sum.value));
  effect(() => void (sum.value = a.value + b.value));
  batch(() => { a.value = 10; b.value = 20; });
  assert.deepEqual(seen, [0, 3, 30]);
});

test("what is only looked at is not watched", () => {
  const a = signal(1);
  let runs = 0;
  effect(() => { runs++; a.peek(); untracked(() => a.value); });
  a.value = 2;
  assert.equal(runs, 1);
});
