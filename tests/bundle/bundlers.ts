/** The real bundlers, each with its adapter and its usual settings for production. */

import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { rspack } from "@rspack/core";
import * as esbuild from "esbuild";
import { rolldown } from "rolldown";
import { type Plugin as RollupPlugin, rollup } from "rollup";
import { build as viteBuild } from "vite";
import type { webpack as Webpack } from "webpack";
import * as forBun from "../../src/bundle/adapters/bun.ts";
import * as forEsbuild from "../../src/bundle/adapters/esbuild.ts";
import * as forRolldown from "../../src/bundle/adapters/rolldown.ts";
import * as forRollup from "../../src/bundle/adapters/rollup.ts";
import * as forRspack from "../../src/bundle/adapters/rspack.ts";
import * as forVite from "../../src/bundle/adapters/vite.ts";
import * as forWebpack from "../../src/bundle/adapters/webpack.ts";
import type { ImmuconfigOptions } from "../../src/bundle/adapters/options.ts";

// Imported, its getters would all be read, and each old one warns.
const webpack: typeof Webpack = createRequire(import.meta.url)("webpack");

interface Job {
  /** Absolute paths of the entries, by the name of the output. */
  readonly entries: Readonly<Record<string, string>>;
  /** The folder above all entries. */
  readonly root: string;
  readonly outdir: string;
  readonly options: ImmuconfigOptions;
  /** Writes `NAME.mjs.map` as well. */
  readonly maps?: boolean;
}

export interface Bundler {
  readonly name: string;
  /** Writes `OUTDIR/NAME.mjs` for each entry; throws what the bundler throws. */
  readonly build: (job: Job) => Promise<void>;
  /** Goes on after a fault, so that one build tells them all. */
  readonly tellsAll?: boolean;
}

/** Rollup knows neither TypeScript nor node_modules by itself. */
const rollupHelpers: RollupPlugin = {
  name: "test-helpers",
  resolveId(id, importer) {
    if (/^[./]/.test(id) || importer === undefined) return null;
    try {
      return Bun.resolveSync(id, importer);
    } catch {
      return null;
    }
  },
  async transform(code, id) {
    const loader = extname(id).slice(1) as esbuild.Loader;
    if (loader !== "ts" && loader !== "tsx") return null;
    const result = await esbuild.transform(code, { loader, sourcefile: id, sourcemap: "external" });
    return { code: result.code, map: result.map };
  },
};

async function withRollup({ entries, outdir, options, maps = false }: Job): Promise<void> {
  const bundle = await rollup({
    input: entries,
    plugins: [forRollup.immuconfig(options), rollupHelpers],
    onLog: () => {},
  });
  await bundle.write({ dir: outdir, format: "es", entryFileNames: "[name].mjs", sourcemap: maps });
  await bundle.close();
}

async function withRolldown({ entries, outdir, options, maps = false }: Job): Promise<void> {
  const bundle = await rolldown({
    input: entries,
    plugins: [forRolldown.immuconfig(options)],
    logLevel: "silent",
  });
  await bundle.write({ dir: outdir, entryFileNames: "[name].mjs", sourcemap: maps, minify: true });
  await bundle.close();
}

async function withVite({ entries, root, outdir, options, maps = false }: Job): Promise<void> {
  await viteBuild({
    root,
    configFile: false,
    logLevel: "silent",
    plugins: [forVite.immuconfig(options)],
    build: {
      outDir: outdir,
      emptyOutDir: false,
      sourcemap: maps,
      target: "esnext",
      modulePreload: false,
      rolldownOptions: { input: entries, output: { entryFileNames: "[name].mjs" } },
    },
  });
}

async function withEsbuild({ entries, outdir, options, maps = false }: Job): Promise<void> {
  await esbuild.build({
    entryPoints: entries,
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    sourcemap: maps,
    logLevel: "silent",
    plugins: [forEsbuild.immuconfig(options)],
  });
}

async function withBun({ entries, root, outdir, options, maps = false }: Job): Promise<void> {
  await Bun.build({
    entrypoints: Object.values(entries),
    root,
    outdir,
    naming: "[dir].mjs",
    minify: true,
    target: "bun",
    sourcemap: maps ? "linked" : "none",
    plugins: [forBun.immuconfig(options)],
  });
}

function packSettings({ entries, outdir, maps = false }: Job) {
  return {
    mode: "production",
    target: "node",
    entry: entries,
    output: { path: outdir, filename: "[name].mjs", module: true, library: { type: "module" } },
    performance: false,
    devtool: maps ? "source-map" : false,
  } as const;
}

async function withWebpack(job: Job): Promise<void> {
  const compiler = webpack({
    ...packSettings(job),
    experiments: { outputModule: true },
    module: { rules: [{ test: /\.tsx?$/, use: join(import.meta.dir, "strip_types.cjs") }] },
    plugins: [forWebpack.immuconfig(job.options)],
  });
  if (compiler === null) throw new Error("webpack made no compiler");
  await runPackCompiler(compiler);
}

async function withRspack(job: Job): Promise<void> {
  const compiler = rspack({
    ...packSettings(job),
    module: {
      rules: [
        {
          test: /\.tsx?$/,
          loader: "builtin:swc-loader",
          options: { jsc: { parser: { syntax: "typescript", tsx: true }, target: "esnext" } },
        },
      ],
    },
    plugins: [forRspack.immuconfig(job.options)],
  });
  await runPackCompiler(compiler);
}

interface PackStats {
  toJson: (parts: { all: false; errors: true; errorsSpace: number }) => {
    errors?: { message: string }[];
  };
}

/** What webpack and Rspack have in common. */
interface PackCompiler {
  run: (done: (error: Error | null, stats?: PackStats) => void) => void;
  close: (done: () => void) => void;
}

/** Runs webpack or Rspack once, and rejects with all of its errors. */
export function runPackCompiler(compiler: PackCompiler): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  compiler.run((error, stats) => {
    const errors = stats?.toJson({ all: false, errors: true, errorsSpace: Infinity }).errors ?? [];
    const text = errors.map(({ message }) => message).join("\n");
    const fault = error ?? (text === "" ? undefined : new Error(text));
    compiler.close(() => (fault === undefined ? resolve() : reject(fault)));
  });
  return promise;
}

export const BUNDLERS: readonly Bundler[] = [
  { name: "Bun", build: withBun },
  { name: "esbuild", build: withEsbuild },
  { name: "Rollup", build: withRollup },
  { name: "Rolldown", build: withRolldown },
  { name: "Vite", build: withVite },
  { name: "webpack", build: withWebpack, tellsAll: true },
  { name: "Rspack", build: withRspack, tellsAll: true },
];
