/**
 * Which files Bun's bundler is asked for as something else than code. A plugin of Bun hears of a file's
 * loader as its name tells it, and not of `with { type: "text" }`: the importer says so, which is loaded
 * first.
 */

import { readSource } from "../../base/read_file.ts";
import { dirname, resolve } from "node:path";
import type { OnLoadResult, PluginBuilder } from "bun";
import { diagnose, SourceError } from "../source/diagnostic.ts";
import { macroProblem, mayHaveTypes, typedImports } from "../source/import_types.ts";
import { SOURCE_PATH } from "../source/needles.ts";
import { displayPath, fileHoldsNeedle, isCode } from "./common.ts";

/**
 * Hears of every source that Bun takes for code.
 *
 * @param use makes of it what is to be loaded; undefined leaves it to Bun
 * @throws SourceError `ERR_SOURCE` for a macro that asks for flags
 */
export function onSource(
  build: PluginBuilder,
  use: (path: string, bytes: Buffer) => OnLoadResult,
): void {
  const data = new Set<string>();
  build.onLoad({ filter: SOURCE_PATH, namespace: "file" }, ({ path, loader }) => {
    if (!isCode(loader) || data.has(path)) return undefined;
    const bytes = readSource(path);
    for (const target of dataImports(path, bytes)) data.add(target);
    return use(path, bytes);
  });
}

/** The files that a source asks for as something else. */
function dataImports(path: string, bytes: Buffer): string[] {
  if (!mayHaveTypes(bytes)) return [];
  const code = bytes.toString("utf8");
  return typedImports(code, path).flatMap(({ specifier, type, start }) => {
    const target = resolveFrom(path, specifier);
    if (type !== "macro") return [target];
    // The bundler says itself what is not there.
    if (fileHoldsNeedle(target) !== true) return [];
    throw new SourceError([diagnose(macroProblem(start, specifier), code, displayPath(path))]);
  });
}

function resolveFrom(importer: string, specifier: string): string {
  const folder = dirname(importer);
  try {
    return Bun.resolveSync(specifier, folder);
  } catch {
    return resolve(folder, specifier);
  }
}
