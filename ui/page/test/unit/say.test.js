import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { spoken } from "#src/say.js";
import { said, speak } from "#src/text.js";

const english = new Map(readFileSync(new URL("../../../../capture/say/phrases.txt", import.meta.url), "utf8").trimEnd().split("\n").map((line) => line.split("\t")));
const holes = (template) => [...new Set(template.match(/\{\d\}/g))].sort().join("");

for (const language of ["de", "nl"]) {
  test(`every phrase of the router is there in ${language}, with the same parts`, async () => {
    await speak(language);
    assert.deepEqual([...said.keys()].filter(Boolean), [...english.keys()]);
    for (const [key, template] of english) {
      assert.equal(holes(said.get(key)), holes(template), key);
      assert.doesNotMatch(said.get(key).replace(/\{\d(\?[^{}:]+:[^{}:]+)?\}/g, ""), /[{}]/, key);
    }
  });
}

test("a phrase is said with its parts, by the reader's habits", async () => {
  await speak("de");
  assert.equal(spoken(["cut.full", "Kamera"]), "Kamera wurde vom Besitzer getrennt");
  const tried = ["scan.address", 1200, "198.51.100.7", ["@duration", 300], ["unanswered"], ["normal.contacts", 1]];
  assert.equal(spoken(["did", "Kamera", tried]), "Kamera probierte 1.200 Ports von 198.51.100.7 in 5 min, ohne Antwort; normal sind bis zu 1 neue Verbindung in der Minute");
  assert.equal(spoken(["peak.sent", ["@bytes", 5460], "", ["@list", "a", ["@kind", "camera"], ["@kind", "constructor"]]]), "sendete 5,5 kB in einer Minute; , bisher höchstens a, Kamera, constructor");
});

test("words of the API are said as the page says them", async () => {
  await speak("de");
  assert.equal(spoken(["edit.wild", "tell"]), "bei einem Alarm: nur melden");
  for (const word of ["constructor", "__proto__"]) assert.equal(spoken(["edit.wild", word]), `bei einem Alarm: ${word}`);
  assert.equal(spoken(["mud.mode", "watch", "watch", "x"]), "Die Beschreibung von watch hat der Besitzer auf „Beobachten“ gestellt: x");
});

test("what the language has no words for is left to the router's English", async () => {
  await speak("de");
  for (const phrase of [null, undefined, "cut.full", [], ["constructor"], ["no.such", "x"], ["cut.full"], ["did", "x", ["no.such"]], ["cut.full", true], ["@bytes", "x"]]) {
    assert.equal(spoken(phrase), "", JSON.stringify(phrase));
  }
  for (const phrase of [["@time", 1e300], ["did", "x", ["@date", -1e300]], ["__proto__", "x"], [["cut.full"], "x"], ["@kind"], ["edit.wild"]]) {
    assert.equal(spoken(phrase), "", JSON.stringify(phrase));
  }
  let deep = "x";
  for (let i = 0; i < 10_000; i++) deep = ["back", deep];
  assert.equal(spoken(deep), "");
  await speak("en");
  assert.equal(spoken(["cut.full", "Camera"]), "");
});

test("names in a phrase are harmless, and fill no other hole", async () => {
  await speak("nl");
  assert.equal(spoken(["and", "a\u202eb {1} $&", "c"]), "a\ufffdb {1} $& en c");
});
