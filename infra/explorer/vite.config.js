import { defineConfig } from "vite";

// The page is served at /graphql, what it loads beside it at /explorer/: relative addresses hold
// behind a proxy that puts both somewhere else. Nothing is inlined, so that a strict policy does.
export default defineConfig({
  base: "./",
  build: {
    outDir: "pages",
    assetsDir: "explorer",
    assetsInlineLimit: 0,
    target: "es2023",
    chunkSizeWarningLimit: 4096,
  },
  worker: { format: "es" },
});
