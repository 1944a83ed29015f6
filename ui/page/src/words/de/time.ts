// The German words about what was, and what happened: a part of the catalogue.
import type { Text } from "../../text.ts";

export const time: Pick<Text, "rewind" | "share" | "away" | "events"> = {
  rewind: {
    open: "Zurückblicken",
    now: "Zurück zum Jetzt",
    state: "Rückblick",
    slide: "Zeitpunkt",
    strip: "Verkehr des ganzen Zuhauses",
    present: "Jetzt. Schieben Sie den Regler, um zu sehen, wie es war.",
    more: "es war mehr als dies",
    title: (at) => `Was geschah, ${at}`,
    nothing: "Von dieser Zeit ist nichts gespeichert.",
    unknown: "wer damals getrennt war, ist nicht gespeichert",
    held: (level, who, since) => `Damals getrennt: ${level}, durch ${who}, seit ${since}.`,
    silent: "Damals nichts.",
    busiest: "Damals am meisten",
  },
  share: {
    save: "Bild ohne Namen",
    failed: "Dieser Browser konnte das Bild nicht zeichnen.",
  },
  away: {
    title: "Während Sie weg waren",
    seen: "Gesehen",
  },
  events: {
    title: "Ereignisse",
    all: "Alle", unusual: "Auffällig", new: "Neu", actions: "Aktionen",
    filter: "Ereignisse zeigen",
    none: "Noch nichts.",
    more: "Mehr zeigen",
    severity: { note: "Hinweis", warning: "Warnung", alarm: "Alarm" },
    open: (name) => `${name} ansehen`,
  },
};
