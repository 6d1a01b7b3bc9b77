/** The modules of a bundle that only dead code uses: what a bundler keeps, and no map needs. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BuildMetafile } from "bun";
import { isMissing } from "../../base/fs_errors.ts";
import { type BuildFlags, isEnabled } from "../flags/build_flags.ts";
import { deadSpans } from "../source/dead_code.ts";
import { parseFlagSource } from "../source/flag_source.ts";
import { type ModuleLinks, moduleLinks, usedModules } from "../source/module_graph.ts";
import { SOURCE_FILE } from "../source/needles.ts";

/** @returns absolute paths */
export function unusedModules(
  metafile: BuildMetafile,
  entrypoints: readonly string[],
  flags: BuildFlags,
): ReadonlySet<string> {
  const paths = Object.keys(metafile.inputs);
  const links = new Map(paths.map((path) => [path, readLinks(resolve(path), flags)] as const));
  const wanted = new Set(entrypoints.map((path) => resolve(path)));
  const entries = paths.filter((path) => wanted.has(resolve(path)));
  const used = usedModules(metafile, entries, (path) => links.get(path));
  return new Set(paths.filter((path) => !used.has(path)).map((path) => resolve(path)));
}

function readLinks(file: string, flags: BuildFlags): ModuleLinks | undefined {
  if (!SOURCE_FILE.test(file)) return undefined;
  try {
    const source = parseFlagSource(readFileSync(file, "utf8"), file);
    return moduleLinks(
      source,
      deadSpans(source, (name) => isEnabled(flags, name)),
    );
  } catch (error) {
    // Inputs can be virtual.
    if (isMissing(error)) return undefined;
    throw error;
  }
}
