// The files of dist/ that are not always fetched.

/** Catalogues of words: one of them. */
export const LANGUAGE = /^assets\/(en|de|nl)-/;

/** What a click fetches, see vite.config.ts. */
export const LATER = /^assets\/(blank|compared|newpassword|passwords|profile|setupform|strip|tokens)-/;
