/** The project's sources, for commands that look at all of them. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { SOURCE_FILE } from "../../bundle/source/needles.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { cannotRead } from "../../base/fs_errors.ts";

export interface SourceText {
  /** Absolute. */
  readonly path: string;
  /** As messages show it: relative to the working folder, with slashes. */
  readonly file: string;
  readonly code: string;
}

const SOURCE = /\.(?:[jt]sx?|[mc][jt]s)$/;

/**
 * Every source below the paths, in order; of folders without `node_modules` and hidden ones.
 *
 * @param paths files and folders; none is the working folder
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`
 */
export function* readSources(paths: readonly string[], cwd: string): Generator<SourceText> {
  const seen = new Set<string>();
  for (const operand of paths.length === 0 ? ["."] : paths) {
    for (const path of expand(resolve(cwd, operand), operand)) {
      if (seen.has(path)) continue;
      seen.add(path);
      yield { path, file: relative(cwd, path).split(sep).join("/"), code: read(path) };
    }
  }
}

/** Files that hold scripts beside other things, which no parser here reads. */
const COMPONENT = /\.(?:vue|svelte|astro|mdx)$/;

/**
 * Every single-file component of a folder, as `readSources` reads sources: their scripts are not
 * understood, but a name in them is a name.
 */
export function* readComponents(folder: string, cwd: string): Generator<SourceText> {
  for (const path of filesBelow(folder, COMPONENT)) {
    yield { path, file: relative(cwd, path).split(sep).join("/"), code: read(path) };
  }
}

/** No link is followed. */
function filesBelow(folder: string, pattern: RegExp): string[] {
  const found: string[] = [];
  const queue = [folder];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const entry of guard(next, () => readdirSync(next ?? folder, { withFileTypes: true }))) {
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      const path = join(next, entry.name);
      if (entry.isDirectory()) queue.push(path);
      else if (entry.isFile() && pattern.test(entry.name)) found.push(path);
    }
  }
  return found.toSorted();
}

function expand(path: string, operand: string): string[] {
  const isFolder = guard(path, () => statSync(path).isDirectory());
  if (isFolder) return filesBelow(path, SOURCE);
  if (SOURCE_FILE.test(path)) return [path];
  throw new ImmuconfigError("ERR_VALUE", `${operand} is no JavaScript or TypeScript`, {
    hint: "Name a source or a folder.",
  });
}

function read(path: string): string {
  return guard(path, () => readFileSync(path, "utf8"));
}

function guard<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    throw cannotRead(path, cause, "Name a source or a folder.");
  }
}
