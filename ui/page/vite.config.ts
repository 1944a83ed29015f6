import { defineConfig } from "vite";

// During development the page comes from Vite and everything under /api from a running agent. The agent compares
// Origin with Host, so both are rewritten to its own address.
const agent = process.env["SPINNERET_AGENT"] ?? "http://127.0.0.1:8484";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    modulePreload: false, // the one file that comes later is the catalogue of words
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: { "/api": { target: agent, changeOrigin: true, ws: true, headers: { origin: agent } } },
  },
});
