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

export default defineConfig({
  plugins: [plainImports],
  // Calls of createElement make the page a fiftieth smaller than those of jsx, which name the children each time.
  oxc: { jsx: { runtime: "classic", pragma: "createElement", pragmaFrag: "Fragment" }, jsxInject: 'import { createElement, Fragment } from "preact";' },
  build: {
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: { "/api": { target: agent, changeOrigin: true, ws: true, headers: { origin: agent } } },
  },
});
