/**
 * Builds `app.js` of folders, each as the root that the bundler is given, if it takes one: argv 2 names the bundler, argv 3
 * has the builds as JSON. Prints as JSON what each output says, or why there is none, and warnings to stderr.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { rspack } from "@rspack/core";
import * as esbuild from "esbuild";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { build as viteBuild, createLogger } from "vite";
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
  /** Whether the bundler is told the root. */
  readonly named?: boolean;
  /** The folder of the entry and of the output, where it is not the root. */
  readonly entry?: string;
  readonly options?: ImmuconfigOptions;
}

/** The entry of a build: as its root has it, or whole. */
function entryOf({ root, named = true, entry = root }: Build): string {
  return named && entry === root ? "./app.js" : join(entry, "app.js");
}

function warn(texts: readonly string[]): void {
  for (const text of texts) console.error(text);
}

function outOf({ root, entry = root }: Build): string {
  return join(entry, "out");
}

const BUNDLERS: Readonly<Record<string, (build: Build) => Promise<void>>> = {
  async Vite(build) {
    const logger = createLogger("silent");
    await viteBuild({
      ...(build.named === false ? {} : { root: build.root }),
      configFile: false,
      customLogger: { ...logger, warn: (text) => warn([text]) },
      plugins: [forVite.immuconfig(build.options)],
      build: {
        outDir: outOf(build),
        emptyOutDir: false,
        rolldownOptions: { input: entryOf(build), output: { entryFileNames: "app.js" } },
      },
    });
  },
  async webpack(build) {
    const plugins = [forWebpack.immuconfig(build.options)];
    const compiler = webpack({ ...packSettings(build), plugins });
    if (compiler === null) throw new Error("webpack made no compiler");
    warnOfPack(compiler);
    await runPackCompiler(compiler);
  },
  async Rspack(build) {
    const compiler = rspack({
      ...packSettings(build),
      plugins: [forRspack.immuconfig(build.options)],
    });
    warnOfPack(compiler);
    await runPackCompiler(compiler);
  },
  async esbuild(build) {
    const { warnings } = await esbuild.build({
      ...(build.named === false ? {} : { absWorkingDir: build.root }),
      entryPoints: [entryOf(build)],
      outdir: outOf(build),
      bundle: true,
      logLevel: "silent",
      plugins: [forEsbuild.immuconfig(build.options)],
    });
    warn(warnings.map(({ text }) => text));
  },
  async Rolldown(build) {
    const bundle = await rolldown({
      ...(build.named === false ? {} : { cwd: build.root }),
      input: entryOf(build),
      plugins: [forRolldown.immuconfig(build.options)],
      onLog: (_, { message }) => warn([message]),
    });
    await bundle.write({ dir: outOf(build) });
    await bundle.close();
  },
  async Rollup({ root, options }) {
    const bundle = await rollup({
      // It is found without its ending, too.
      input: join(root, "app"),
      plugins: [forRollup.immuconfig(options)],
      onLog: (_, { message }) => warn([message]),
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

function packSettings(build: Build) {
  return {
    mode: "production",
    ...(build.named === false ? {} : { context: build.root }),
    entry: entryOf(build),
    output: { path: outOf(build), filename: "app.js" },
  } as const;
}

interface PackStats {
  toJson(parts: object): { readonly warnings?: readonly { readonly message: string }[] };
}

function warnOfPack(compiler: {
  readonly hooks: { readonly done: { tap(name: string, act: (stats: PackStats) => void): void } };
}): void {
  compiler.hooks.done.tap("test", (stats) => {
    const { warnings = [] } = stats.toJson({ all: false, warnings: true });
    warn(warnings.map(({ message }) => message));
  });
}

const [name = "", text = ""] = process.argv.slice(2);
const bundle = BUNDLERS[name];
if (bundle === undefined) throw new Error(`there is no bundler ${name}`);
const told: string[] = [];
for (const [index, build] of (JSON.parse(text) as Build[]).entries()) {
  try {
    await bundle(build);
    await import(`${join(outOf(build), "app.js")}?${index}`);
    told.push(String(Reflect.get(globalThis, "told")));
  } catch (error) {
    told.push(String(error));
  }
}
console.log(JSON.stringify(told));
process.exit(0);
