// The Dutch words about what was, and what happened: a part of the catalogue.
import type { Many } from "../../locale.ts";
import type { Text } from "../../text.ts";

export const time = (many: Many): Pick<Text, "rewind" | "share" | "away" | "events"> => ({
  rewind: {
    open: "Terugkijken",
    now: "Terug naar nu",
    state: "Kijkt terug",
    slide: "Moment om te bekijken",
    strip: "Verkeer van het hele huis over deze tijd",
    present: "Nu. Verschuif de regelaar om te zien hoe het was.",
    at: (at, ago) => `${at}, ${ago}`,
    more: "slechts een deel: er was meer dan de pagina aankan",
    title: (at) => `Wat er gebeurde, ${at}`,
    nothing: "Van deze tijd is niets bewaard.",
    unknown: "wie toen afgesloten was, is niet bewaard",
    held: (level, who, since) => `Toen afgesloten: ${level}, door ${who}, sinds ${since}.`,
    silent: "Toen niets.",
    busiest: "Toen het drukst",
  },
  share: {
    save: "Plaatje zonder namen",
    device: (letters) => `Apparaat ${letters}`,
    party: (n) => `Partij ${n}`,
    failed: "Deze browser kon het plaatje niet tekenen.",
  },
  away: {
    title: "Terwijl u weg was",
    since: (at, time) => `sinds ${at}, ${time}`,
    count: { unusual: (n) => `${n} opvallend`, new: (n) => `${n} nieuw`, actions: (n) => many(n, "# actie", "# acties") },
    more: (n) => `en nog ${n} hieronder`,
    seen: "Gezien",
  },
  events: {
    title: "Gebeurtenissen",
    all: "Alle", unusual: "Opvallend", new: "Nieuw", actions: "Acties",
    filter: "Toon gebeurtenissen",
    none: "Nog niets.",
    times: (n) => `×${n}`,
    more: "Meer tonen",
    severity: { note: "Opmerking", warning: "Waarschuwing", alarm: "Alarm" },
    open: (name) => `Bekijk ${name}`,
  },
});
