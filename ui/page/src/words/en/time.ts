// The words about what was, and what happened: a part of the catalogue.
export const time = {
  rewind: {
    open: "Look back",
    now: "Back to now",
    state: "Looking back",
    slide: "Moment to look at",
    strip: "Traffic of the whole home",
    present: "Now. Move the slider to see how it was.",
    more: "it was more than this",
    title: (at: string) => `What was happening at ${at}`,
    nothing: "Nothing is kept of this time.",
    unknown: "who was cut off then is not kept",
    held: (level: string, who: string, since: string) => `Then cut off: ${level.toLowerCase()}, by ${who}, since ${since}.`,
    silent: "Nothing then.",
    busiest: "Busiest then",
  },
  share: {
    save: "Picture without names",
    failed: "This browser could not draw the picture.",
  },
  away: {
    title: "While you were away",
    seen: "I have seen it",
  },
  events: {
    title: "Events",
    all: "All", unusual: "Unusual", new: "New", actions: "Actions",
    filter: "Show events",
    none: "Nothing yet.",
    more: "Show more",
    severity: { note: "Note", warning: "Warning", alarm: "Alarm" },
    open: (name: string) => `Look at ${name}`,
  },
};
