/** One build with each bundler: through immuconfig, or with its own `define`. */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import commonjs from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import replace from "@rollup/plugin-replace";
import { rspack } from "@rspack/core";
import * as esbuild from "esbuild";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { build as viteBuild } from "vite";
import type webpackModule from "webpack";
import * as forEsbuild from "../../src/bundle/adapters/esbuild.ts";
import * as forRolldown from "../../src/bundle/adapters/rolldown.ts";
import * as forRollup from "../../src/bundle/adapters/rollup.ts";
import * as forRspack from "../../src/bundle/adapters/rspack.ts";
import * as forVite from "../../src/bundle/adapters/vite.ts";
import * as forWebpack from "../../src/bundle/adapters/webpack.ts";
import type { BundleInput } from "./bundle_input.ts";

// Imported, its getters would all be read, and each old one warns.
const webpack: typeof webpackModule = createRequire(import.meta.url)("webpack");

/** Writes OUTFILE from the input; `own` bundles the twin program with the bundler's own define. */
export type Build = (input: BundleInput, own: boolean, outfile: string) => Promise<void>;

const NODE_ENV = { "process.env.NODE_ENV": '"production"' };

const withEsbuild: Build = async (input, own, outfile) => {
  await esbuild.build({
    entryPoints: [own ? input.defined : input.feature],
    outfile,
    bundle: true,
    format: "esm",
    minifySyntax: true,
    logLevel: "silent",
    define: { ...NODE_ENV, ...(own ? input.define : {}) },
    plugins: own ? [] : [forEsbuild.immuconfig({ file: input.record })],
  });
};

const withRolldown: Build = async (input, own, outfile) => {
  const bundle = await rolldown({
    input: own ? input.defined : input.feature,
    logLevel: "silent",
    transform: { define: { ...NODE_ENV, ...(own ? input.define : {}) } },
    plugins: own ? [] : [forRolldown.immuconfig({ file: input.record })],
  });
  await bundle.write({ file: outfile });
  await bundle.close();
};

const withRollup: Build = async (input, own, outfile) => {
  const bundle = await rollup({
    input: own ? input.defined : input.feature,
    onLog: () => {},
    plugins: [
      own ? [] : forRollup.immuconfig({ file: input.record }),
      {
        name: "strip-types",
        transform: {
          filter: { id: /\.ts$/ },
          handler: (code, id) => ({
            code: esbuild.transformSync(code, { loader: "ts", sourcefile: id }).code,
            map: null,
          }),
        },
      },
      replace({ preventAssignment: true, values: { ...NODE_ENV, ...(own ? input.define : {}) } }),
      nodeResolve(),
      commonjs(),
    ],
  });
  await bundle.write({ file: outfile, format: "es" });
  await bundle.close();
};

const withVite: Build = async (input, own, outfile) => {
  const entry = own ? input.defined : input.feature;
  await viteBuild({
    root: dirname(entry),
    configFile: false,
    logLevel: "silent",
    define: own ? { ...input.define } : {},
    plugins: own ? [] : [forVite.immuconfig({ file: input.record })],
    build: {
      outDir: dirname(outfile),
      emptyOutDir: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: "strict",
        output: { entryFileNames: outfile.slice(dirname(outfile).length + 1) },
      },
    },
  });
};

function packSettings(entry: string, outfile: string) {
  return {
    mode: "production",
    context: dirname(entry),
    entry,
    output: {
      path: dirname(outfile),
      filename: outfile.slice(dirname(outfile).length + 1),
      module: true,
      library: { type: "module" },
    },
    optimization: { minimize: false },
    performance: false,
    devtool: false,
  } as const;
}

const withWebpack: Build = async (input, own, outfile) => {
  const compiler = webpack({
    ...packSettings(own ? input.defined : input.feature, outfile),
    experiments: { outputModule: true },
    module: { rules: [{ test: /\.ts$/, use: join(import.meta.dir, "strip_types.cjs") }] },
    plugins: [
      own
        ? new webpack.DefinePlugin({ ...input.define })
        : forWebpack.immuconfig({ file: input.record }),
    ],
  });
  if (compiler === null) throw new Error("webpack made no compiler");
  await run(compiler);
};

const withRspack: Build = async (input, own, outfile) => {
  const loader = {
    test: /\.ts$/,
    loader: "builtin:swc-loader",
    options: { jsc: { parser: { syntax: "typescript" }, target: "esnext" } },
  };
  await run(
    rspack({
      ...packSettings(own ? input.defined : input.feature, outfile),
      module: { rules: [loader] },
      plugins: [
        own
          ? new rspack.DefinePlugin({ ...input.define })
          : forRspack.immuconfig({ file: input.record }),
      ],
    }),
  );
};

/** What webpack and Rspack have in common. */
interface PackCompiler {
  run: (done: (error: Error | null, stats?: { hasErrors: () => boolean }) => void) => void;
  close: (done: () => void) => void;
}

function run(compiler: PackCompiler): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  compiler.run((error, stats) => {
    const fault = error ?? (stats?.hasErrors() === true ? new Error("it has errors") : undefined);
    compiler.close(() => (fault === undefined ? resolve() : reject(fault)));
  });
  return promise;
}

/** With the bound of the ratio of a build with immuconfig to one with the bundler's define. */
export const BUILDS: readonly { name: string; build: Build; ratioMax: number }[] = [
  { name: "Vite", build: withVite, ratioMax: 1.15 },
  { name: "Rollup", build: withRollup, ratioMax: 1.15 },
  { name: "webpack", build: withWebpack, ratioMax: 1.15 },
  { name: "Rspack", build: withRspack, ratioMax: 1.25 },
  { name: "Rolldown", build: withRolldown, ratioMax: 1.25 },
  { name: "esbuild", build: withEsbuild, ratioMax: 1.4 },
];
