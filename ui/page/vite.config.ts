import { minify } from "terser";
import { defineConfig, type Plugin } from "vite";

// During development the page comes from Vite and everything under /api from a running agent. The agent compares
// Origin with Host, so both are rewritten to its own address.
const agent = process.env["SPINNERET_AGENT"] ?? "http://127.0.0.1:8484";

// The one file that comes later, the catalogue of words, brings no files of its own: Vite's loader for those is left out.
const plainImports: Plugin = {
  name: "plain-imports",
  enforce: "pre",
  load: (id) => (id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : null),
};

// Terser leaves out more than Vite's own minifier, which makes the names short after it. In catalogues it finds nothing. To
// read a signal may be all that a line is for: getters are not pure.
const tighter: Plugin = {
  name: "tighter",
  apply: "build",
  renderChunk: async (code, { isEntry }) =>
    isEntry ? (await minify(code, { module: true, mangle: false, compress: { passes: 2, inline: 1, keep_fargs: false, pure_getters: false } })).code! : null,
};

export default defineConfig({
  plugins: [plainImports, tighter],
  // Calls of createElement make the page a fiftieth smaller than those of jsx, which name the children each time.
  oxc: { jsx: { runtime: "classic", pragma: "createElement", pragmaFrag: "Fragment" }, jsxInject: 'import { createElement, Fragment } from "preact";' },
  build: {
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { pluginTimings: false },
    },
  },
  server: {
    proxy: { "/api": { target: agent, changeOrigin: true, ws: true, headers: { origin: agent } } },
  },
});
