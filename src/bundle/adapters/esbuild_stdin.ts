/** esbuild's `stdin`, which it shows to no plugin. */

import { resolve } from "node:path";
import type { BuildOptions, Loader, OnLoadResult, PluginBuild, StdinOptions } from "esbuild";
import { holdsNeedle } from "../source/needles.ts";
import { isCode } from "./common.ts";

/** A source as esbuild would take it. */
export interface EsbuildSource {
  /** Absolute; of `stdin`, there need be no such file. */
  readonly path: string;
  readonly code: string;
  readonly loader: Loader;
}

/** What `stdin` is called as an entry. */
const ENTRY = "immuconfig-stdin";

const UNNAMED = "<stdin>";

/** Where esbuild takes it to lie. */
function stdinPath({ sourcefile, resolveDir }: StdinOptions, options: BuildOptions): string {
  const { absWorkingDir = process.cwd() } = options;
  if (sourcefile === undefined) return resolve(absWorkingDir, UNNAMED);
  return resolve(resolveDir ?? absWorkingDir, sourcefile);
}

/** @param importer as esbuild names a module to plugins: `stdin` by its path only where it has a folder */
export function isStdin(importer: string, options: BuildOptions): boolean {
  const { stdin } = options;
  if (stdin === undefined) return false;
  return [stdin.sourcefile ?? UNNAMED, stdinPath(stdin, options)].includes(importer);
}

/**
 * Puts an entry with the same text, name and output in the place of a `stdin` that asks for flags, so that each
 * build reads the record. Beside other entries it stays, as their outputs would get other names.
 */
export function loadStdin(
  build: PluginBuild,
  transform: (source: EsbuildSource) => OnLoadResult | undefined,
): void {
  const { initialOptions } = build;
  const { stdin, entryPoints = [] } = initialOptions;
  if (stdin === undefined || Object.keys(entryPoints).length > 0) return;
  const { contents, loader = "js", resolveDir } = stdin;
  const bytes = Buffer.from(contents);
  if (!holdsNeedle(bytes) || !isCode(loader)) return;
  const source = { path: stdinPath(stdin, initialOptions), code: bytes.toString(), loader };
  delete initialOptions.stdin;
  initialOptions.entryPoints = [{ in: ENTRY, out: "stdin" }];
  build.onResolve({ filter: new RegExp(`^${ENTRY}$`) }, ({ kind }) =>
    kind === "entry-point" ? { path: source.path, namespace: "file", pluginData: source } : null,
  );
  build.onLoad({ filter: /^/, namespace: "file" }, ({ pluginData }) => {
    if (pluginData !== source) return null;
    const done = transform(source) ?? { contents: source.code, loader };
    return resolveDir === undefined ? done : { ...done, resolveDir };
  });
}
