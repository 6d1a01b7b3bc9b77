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
  const data = new DataImports();
  build.onLoad({ filter: SOURCE_PATH, namespace: "file" }, ({ path, loader }) => {
    if (!isCode(loader) || data.has(path)) return undefined;
    const bytes = readSource(path);
    data.note(path, bytes);
    return use(path, bytes);
  });
}

class DataImports {
  readonly #paths = new Set<string>();

  /**
   * Takes what a source asks for, as it is loaded.
   *
   * @throws SourceError `ERR_SOURCE` for a macro that asks for flags
   */
  note(path: string, bytes: Buffer): void {
    if (!mayHaveTypes(bytes)) return;
    const code = bytes.toString("utf8");
    for (const { specifier, type, start } of typedImports(code, path)) {
      const target = resolveFrom(path, specifier);
      if (type !== "macro") this.#paths.add(target);
      // The bundler says itself what is not there.
      else if (fileHoldsNeedle(target) === true) {
        throw new SourceError([diagnose(macroProblem(start, specifier), code, displayPath(path))]);
      }
    }
  }

  /** Whether a file was asked for as something else. */
  has(path: string): boolean {
    return this.#paths.has(path);
  }
}

function resolveFrom(importer: string, specifier: string): string {
  const folder = dirname(importer);
  try {
    return Bun.resolveSync(specifier, folder);
  } catch {
    return resolve(folder, specifier);
  }
}
