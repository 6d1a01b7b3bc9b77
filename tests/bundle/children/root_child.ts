/**
 * Builds `app.js` of folders, each as the root that the bundler is given, if it takes one: argv 2 names the bundler, argv 3
 * has the builds as JSON. Prints as JSON what each output says, or why there is none.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { rspack } from "@rspack/core";
import * as esbuild from "esbuild";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { build as viteBuild } from "vite";
import type { webpack as Webpack } from "webpack";
import * as forBun from "../../../src/bundle/adapters/bun.ts";
import * as forEsbuild from "../../../src/bundle/adapters/esbuild.ts";
import type { ImmuconfigOptions } from "../../../src/bundle/adapters/options.ts";
import * as forRolldown from "../../../src/bundle/adapters/rolldown.ts";
import * as forRollup from "../../../src/bundle/adapters/rollup.ts";
import * as forRspack from "../../../src/bundle/adapters/rspack.ts";
import * as forVite from "../../../src/bundle/adapters/vite.ts";
import * as forWebpack from "../../../src/bundle/adapters/webpack.ts";
import { runPackCompiler } from "../bundlers.ts";

const webpack: typeof Webpack = createRequire(import.meta.url)("webpack");

interface Build {
  readonly root: string;
  readonly options?: ImmuconfigOptions;
}

const BUNDLERS: Readonly<Record<string, (build: Build) => Promise<void>>> = {
  async Vite({ root, options }) {
    await viteBuild({
      root,
      configFile: false,
      logLevel: "silent",
      plugins: [forVite.immuconfig(options)],
      build: {
        outDir: "out",
        rolldownOptions: { input: "app.js", output: { entryFileNames: "app.js" } },
      },
    });
  },
  async webpack({ root, options }) {
    const compiler = webpack({ ...packSettings(root), plugins: [forWebpack.immuconfig(options)] });
    if (compiler === null) throw new Error("webpack made no compiler");
    await runPackCompiler(compiler);
  },
  async Rspack({ root, options }) {
    await runPackCompiler(
      rspack({ ...packSettings(root), plugins: [forRspack.immuconfig(options)] }),
    );
  },
  async esbuild({ root, options }) {
    await esbuild.build({
      absWorkingDir: root,
      entryPoints: ["./app.js"],
      outdir: "out",
      bundle: true,
      logLevel: "silent",
      plugins: [forEsbuild.immuconfig(options)],
    });
  },
  async Rolldown({ root, options }) {
    const bundle = await rolldown({
      cwd: root,
      input: "./app.js",
      plugins: [forRolldown.immuconfig(options)],
    });
    await bundle.write({ dir: join(root, "out") });
    await bundle.close();
  },
  async Rollup({ root, options }) {
    const bundle = await rollup({
      input: join(root, "app.js"),
      plugins: [forRollup.immuconfig(options)],
      onLog: (_, { message }) => console.error(message),
    });
    await bundle.write({ dir: join(root, "out") });
    await bundle.close();
  },
  async Bun({ root, options }) {
    await Bun.build({
      entrypoints: [join(root, "app.js")],
      outdir: join(root, "out"),
      minify: { syntax: true },
      plugins: [forBun.immuconfig(options)],
    });
  },
};

function packSettings(root: string) {
  return {
    mode: "production",
    context: root,
    entry: "./app.js",
    output: { path: join(root, "out"), filename: "app.js" },
  } as const;
}

const [name = "", text = ""] = process.argv.slice(2);
const bundle = BUNDLERS[name];
if (bundle === undefined) throw new Error(`there is no bundler ${name}`);
const told: string[] = [];
for (const [index, build] of (JSON.parse(text) as Build[]).entries()) {
  try {
    await bundle(build);
    await import(`${join(build.root, "out", "app.js")}?${index}`);
    told.push(String(Reflect.get(globalThis, "told")));
  } catch (error) {
    told.push(String(error));
  }
}
console.log(JSON.stringify(told));
process.exit(0);
