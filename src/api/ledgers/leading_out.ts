/** Which imports of pushed sources could lead out of them, by their words alone: what is there or not says nothing. */

import { readdirSync } from "node:fs";
import { dirname, extname, isAbsolute, join, resolve, sep } from "node:path";
import { liesBelow } from "../../base/paths.ts";
import { readSource } from "../../base/read_file.ts";
import { firstLines, quote } from "../../base/text.ts";
import { isUnbounded } from "./shadows.ts";

/** One answer for what is there and what is not: who pushes learns nothing of the server's files. */
export const LEADS_OUT = "an import leads out of the sources, or to nothing in them";
/** Imports that are named. */
const NAMED_MAX = 3;
const LOADERS = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "jsx",
  ".mjs": "jsx",
  ".cjs": "jsx",
  ".jsx": "jsx",
} as const;

/** @param folder of the module that asks */
export function leadsOut(root: string, folder: string, specifier: string): boolean {
  if (!isAbsolute(specifier) && !/^\.\.?(?:[/\\]|$)/.test(specifier)) return isUnbounded(specifier);
  const path = resolve(folder, specifier);
  return path !== root && !liesBelow(path, root);
}

/**
 * {@link LEADS_OUT}, and which imports of the sources those may be: the same text, whatever lies around them.
 *
 * @param root of the sources, absolute
 */
export function leadsOutText(root: string): string {
  const found = readdirSync(root, { recursive: true, encoding: "utf8" })
    .toSorted()
    .flatMap((path) => leadingOutOf(root, path));
  return [LEADS_OUT, ...firstLines(found, NAMED_MAX)].join("\n");
}

function leadingOutOf(root: string, path: string): string[] {
  const extension = extname(path);
  if (!Object.hasOwn(LOADERS, extension)) return [];
  const loader = LOADERS[extension as keyof typeof LOADERS];
  try {
    const full = join(root, path);
    const imports = new Bun.Transpiler({ loader }).scanImports(readSource(full));
    const name = path.split(sep).join("/");
    return imports
      .filter((one) => leadsOut(root, dirname(full), one.path))
      .map((one) => `  ${name} asks for ${quote(one.path)}`);
  } catch {
    // A folder, or no source: the bundler says so where it matters.
    return [];
  }
}
