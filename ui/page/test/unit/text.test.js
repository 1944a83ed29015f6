import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { speakTo, text, whose } from "#src/text.js";
import { quarantine } from "./make.js";

afterEach(() => speakTo("owner"));

test("the owner is called you, and the owner before others", () => {
  assert.equal(whose(quarantine()), "you");
  speakTo("viewer");
  assert.equal(whose(quarantine()), "the owner");
  assert.equal(whose(quarantine(), true), "the owner: new devices wait");
  assert.equal(text.mark.held, "Waiting for the owner");
  assert.equal(text.counters.held(2), "2 wait for the owner");
  speakTo("owner");
  assert.equal(whose(quarantine(), true), "you: new devices wait for you");
});

test("nothing that a viewer is told speaks to the owner", () => {
  speakTo("viewer");
  for (const words of [text.waiting.title("x"), text.waiting.body, text.cutBlock.forever, text.account.may.viewer.replace("You may look.", "")]) {
    assert.doesNotMatch(words, /\byou\b/i);
  }
});
