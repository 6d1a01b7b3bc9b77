// Builds app.js with one bundler's watch, and prints for each build which state it has: on, off, error.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const [tool] = process.argv.slice(2);
const entry = resolve("app.js");
const folder = resolve("out");
const file = resolve("out/app.js");
const { immuconfig } = await import(`immuconfig/${tool === "vite" ? "vite" : tool}`);

function report(error) {
  if (error) {
    console.log("error");
    return;
  }
  const text = readFileSync(file, "utf8");
  console.log(text.includes("flag-on") ? "on" : text.includes("flag-off") ? "off" : text);
}

function followEvents(watcher) {
  watcher.on("event", (event) => {
    if (event.code === "BUNDLE_END") report();
    if (event.code === "ERROR") report(event.error);
    void event.result?.close();
  });
}

const WATCHES = {
  async rollup() {
    const { watch } = await import("rollup");
    followEvents(watch({ input: entry, plugins: [immuconfig()], output: { file } }));
  },
  async rolldown() {
    const { watch } = await import("rolldown");
    followEvents(watch({ input: entry, plugins: [immuconfig()], output: { file } }));
  },
  async vite() {
    const { build } = await import("vite");
    followEvents(
      await build({
        configFile: false,
        logLevel: "silent",
        plugins: [immuconfig()],
        build: {
          watch: {},
          outDir: folder,
          minify: false,
          rolldownOptions: { input: entry, output: { entryFileNames: "app.js" } },
        },
      }),
    );
  },
  async esbuild() {
    const { context } = await import("esbuild");
    const end = { name: "end", setup: (build) => build.onEnd(({ errors }) => report(errors[0])) };
    const options = { entryPoints: [entry], bundle: true, outfile: file, minifySyntax: true };
    const watching = await context({
      ...options,
      logLevel: "silent",
      plugins: [immuconfig(), end],
    });
    await watching.watch();
  },
  webpack: async () => pack((await import("webpack")).default),
  rspack: async () => pack((await import("@rspack/core")).rspack),
};

function pack(create) {
  const output = { path: folder, filename: "app.js" };
  const options = { mode: "production", context: resolve("."), entry, devtool: false, output };
  create({ ...options, plugins: [immuconfig()] }).watch({ aggregateTimeout: 50 }, (error, stats) =>
    report(error ?? (stats.hasErrors() ? new Error("errors") : undefined)),
  );
}

await WATCHES[tool]();
