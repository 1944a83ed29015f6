// The words about what was, and what happened: a part of the catalogue.
import type { Many } from "../../locale.ts";

export const time = (many: Many) => ({
  rewind: {
    open: "Look back",
    now: "Back to now",
    state: "Looking back",
    slide: "Moment to look at",
    strip: "Traffic of the whole home over this time",
    present: "Now. Move the slider to see how it was.",
    at: (at: string, ago: string) => `${at}, ${ago}`,
    more: "only a part: there was more than the page can take",
    title: (at: string) => `What was happening at ${at}`,
    nothing: "Nothing is kept of this time.",
    unknown: "who was cut off then is not kept",
    held: (level: string, who: string, since: string) => `Then cut off: ${level.toLowerCase()}, by ${who}, since ${since}.`,
    silent: "Nothing then.",
    busiest: "Busiest then",
  },
  share: {
    save: "Picture without names",
    device: (letters: string) => `Device ${letters}`,
    party: (n: number) => `Party ${n}`,
    failed: "This browser could not draw the picture.",
  },
  away: {
    title: "While you were away",
    since: (at: string, time: string) => `since ${at}, ${time}`,
    count: {
      unusual: (n: number) => `${n} unusual`, new: (n: number) => `${n} new`, actions: (n: number) => many(n, "# action", "# actions"),
    },
    more: (n: number) => `and ${n} more below`,
    seen: "I have seen it",
  },
  events: {
    title: "Events",
    all: "All", unusual: "Unusual", new: "New", actions: "Actions",
    filter: "Show events",
    none: "Nothing yet.",
    times: (n: number) => `×${n}`,
    more: "Show more",
    severity: { note: "Note", warning: "Warning", alarm: "Alarm" },
    open: (name: string) => `Look at ${name}`,
  },
});
