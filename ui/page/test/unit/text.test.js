import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { bytes, moment, rate, span } from "#src/format.js";
import { preferred, regional } from "#src/locale.js";
import { speak, speakTo, text, whose } from "#src/text.js";
import { quarantine } from "./make.js";

beforeEach(async () => { await speak("en"); speakTo("owner"); });

test("the owner is called you, and the owner before others", () => {
  assert.equal(whose(quarantine()), "you");
  speakTo("viewer");
  assert.equal(whose(quarantine()), "the owner");
  assert.equal(whose(quarantine(), true), "the owner: new devices wait");
  assert.equal(text.mark.held, "Waiting for the owner");
  assert.equal(text.counters.held(2), "2 wait for the owner");
  speakTo("owner");
  assert.equal(whose(quarantine(), true), "you: new devices wait");
});

test("nothing that a viewer is told speaks to the owner", () => {
  speakTo("viewer");
  for (const words of [text.waiting.title("x"), text.waiting.body, text.cutBlock.forever, text.account.may.viewer.replace("You may look.", "")]) {
    assert.doesNotMatch(words, /\byou\b/i);
  }
});

test("a language comes with its plural, its numbers, its units and its dates", async () => {
  const at = Date.UTC(2026, 9, 21, 14, 4) / 1000;
  const said = async (language, wanted = []) => {
    await speak(language, wanted);
    return [text.map.others(1), text.map.others(1200), bytes(5460), rate(0), span(7300), moment(at, at + 9 * 86400).replace(/\s/g, " ")];
  };
  assert.deepEqual(await said("en"), ["1 other", "1,200 others", "5.5 kB", "idle", "2 h", "21 Oct 14:04"]);
  assert.deepEqual(await said("en", ["en-US"]), ["1 other", "1,200 others", "5.5 kB", "idle", "2 h", "Oct 21 02:04 PM"]);
  assert.deepEqual(await said("de"), ["1 weiterer", "1.200 weitere", "5,5 kB", "ruhig", "2 Std.", "21. Okt. 14:04"]);
  assert.deepEqual(await said("nl"), ["1 andere", "1.200 andere", "5,5 kB", "rustig", "2 u", "21 okt 14:04"]);
});

test("the language is the one chosen here, else the first of the browser's that we have", () => {
  assert.equal(preferred(null, ["fr-FR", "nl-BE", "en"]), "nl");
  assert.equal(preferred("de", ["nl"]), "de");
  assert.equal(preferred("toString", ["tlh"]), "en");
  assert.equal(regional("de", ["en", "de", "de-AT"]), "de-AT");
  assert.equal(regional("nl", []), "nl-NL");
});

// All that a catalogue says, each of its functions called with its arguments' places.
function all(words) {
  if (typeof words === "function") return [words(...["aa", "bb", "cc", "dd"].slice(0, words.length))];
  return typeof words === "object" ? Object.values(words).flatMap(all) : [words];
}

test("no language leaves a place empty, and each says it in its own words", async () => {
  await speak("en");
  const english = all(text);
  for (const language of ["de", "nl"]) {
    await speak(language);
    const words = all(text);
    assert.equal(words.length, english.length);
    words.forEach((said, i) => english[i] !== "" && assert.doesNotMatch(String(said), /undefined|\[object|^\s*$/, String(english[i])));
    const same = words.filter((said, i) => String(said) === String(english[i]) && /[a-z]{4}/i.test(String(said)));
    assert.ok(same.length < words.length / 8, same.join());
  }
});
