// The Dutch words about what was, and what happened: a part of the catalogue.
import type { Text } from "../../text.ts";

export const time: Pick<Text, "rewind" | "share" | "away" | "events"> = {
  rewind: {
    open: "Terugkijken",
    now: "Terug naar nu",
    state: "Kijkt terug",
    slide: "Moment om te bekijken",
    strip: "Verkeer van het hele huis",
    present: "Nu. Verschuif de regelaar om te zien hoe het was.",
    more: "het was meer dan dit",
    title: (at) => `Wat er gebeurde, ${at}`,
    nothing: "Van deze tijd is niets bewaard.",
    unknown: "wie toen afgesloten was, is niet bewaard",
    held: (level, who, since) => `Toen afgesloten: ${level}, door ${who}, sinds ${since}.`,
    silent: "Toen niets.",
    busiest: "Toen het drukst",
  },
  share: {
    save: "Plaatje zonder namen",
    failed: "Deze browser kon het plaatje niet tekenen.",
  },
  away: {
    title: "Terwijl u weg was",
    seen: "Gezien",
  },
  events: {
    title: "Gebeurtenissen",
    all: "Alle", unusual: "Opvallend", new: "Nieuw", actions: "Acties",
    filter: "Toon gebeurtenissen",
    none: "Nog niets.",
    more: "Meer tonen",
    severity: { note: "Opmerking", warning: "Waarschuwing", alarm: "Alarm" },
    open: (name) => `Bekijk ${name}`,
  },
};
