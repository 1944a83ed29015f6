// The files of dist/ that a browser fetches when the page opens: what index.html names, and one catalogue of words.

/** Catalogues of words. */
export const LANGUAGE = /^assets\/(en|de|nl)-/;

/** Says of files of dist/, by their names without .gz, whether this index.html makes a browser fetch them. */
export const opening = (html) => (name) => name === "index.html" || html.includes(name);
