// Builds app.js with one bundler's watch, and prints for each build which state it has: on, off, error.
// A second argument is what the watch looks at alone.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const [tool, include] = process.argv.slice(2);
const watching = include === undefined ? {} : { include };
const entry = resolve("app.js");
const folder = resolve("out");
const file = resolve("out/app.js");
const { immuconfig } = await import(`immuconfig/${tool.replace("vite-5", "vite")}`);

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
  rollup: async () => roll(await import("rollup")),
  rolldown: async () => roll(await import("rolldown")),
  vite: async () => buildByVite(await import("vite"), "rolldownOptions"),
  "vite-5": async () => buildByVite(await import("vite-5"), "rollupOptions"),
  async esbuild() {
    const { context } = await import("esbuild");
    const end = { name: "end", setup: (build) => build.onEnd(({ errors }) => report(errors[0])) };
    const options = { entryPoints: [entry], bundle: true, outfile: file, minifySyntax: true };
    const building = await context({
      ...options,
      logLevel: "silent",
      plugins: [immuconfig(), end],
    });
    await building.watch();
  },
  webpack: async () => pack((await import("webpack")).default),
  rspack: async () => pack((await import("@rspack/core")).rspack),
};

function roll({ watch }) {
  const settings = { input: entry, plugins: [immuconfig()], output: { file }, watch: watching };
  followEvents(watch(settings));
}

async function buildByVite({ build }, rollOptions) {
  followEvents(
    await build({
      configFile: false,
      logLevel: "silent",
      plugins: [immuconfig()],
      build: {
        watch: watching,
        outDir: folder,
        minify: false,
        [rollOptions]: { input: entry, output: { entryFileNames: "app.js" } },
      },
    }),
  );
}

function pack(create) {
  const output = { path: folder, filename: "app.js" };
  const options = { mode: "production", context: resolve("."), entry, devtool: false, output };
  create({ ...options, plugins: [immuconfig()] }).watch({ aggregateTimeout: 50 }, (error, stats) =>
    report(error ?? (stats.hasErrors() ? new Error("errors") : undefined)),
  );
}

await WATCHES[tool]();
