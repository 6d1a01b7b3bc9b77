/** The project's sources, for commands that look at all of them. */

import { type Dirent, readdirSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { isConcerned, MODULE_ID } from "../../bundle/source/needles.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { cannotRead } from "../../base/fs_errors.ts";
import { readSource } from "../../base/read_file.ts";
import { hasGit, refusePipes, runGit } from "../../base/run_git.ts";
import type { Context } from "../command.ts";
import { peekAtText } from "./text_file.ts";

export interface SourceText {
  /** Absolute. */
  readonly path: string;
  /** As messages show it: relative to the working folder, with slashes. */
  readonly file: string;
  readonly code: string;
}

const SOURCE = /\.(?:[jt]sx?|[mc][jt]s|vue|svelte|astro|mdx)$/;

/** Where commands run: what git ignores is asked of git. */
export type Place = Pick<Context, "cwd" | "env">;

/**
 * Every source below the paths, and every component, in order; of folders without `node_modules`, hidden
 * ones, and what git ignores.
 *
 * @param paths files and folders; none is the working folder
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SUBPROCESS`
 */
export function* readSources(paths: readonly string[], place: Place): Generator<SourceText> {
  const seen = new Set<string>();
  const { cwd } = place;
  for (const operand of paths.length === 0 ? ["."] : paths) {
    for (const path of expand(resolve(cwd, operand), operand, place)) {
      if (seen.has(path)) continue;
      seen.add(path);
      yield {
        path,
        file: shownPath(path, place),
        code: readSource(path).toString(),
      };
    }
  }
}

/** Besides the sources: pages, whose scripts may read a flag. */
const SOURCE_OR_PAGE = new RegExp(`${SOURCE.source}|\\.html?$`);

/**
 * What may name a flag below a folder, for a note about it: also pages, and what lies in hidden folders,
 * which commands leave as they are. What cannot be read is left out.
 */
export function* readNaming(folder: string, place: Place): Generator<SourceText> {
  for (const path of filesBelow(folder, place, true)) {
    const code = peekAtText(path);
    // A page has words for people, too.
    if (!SOURCE.test(path) && !isConcerned(code)) continue;
    yield { path, file: shownPath(path, place), code };
  }
}

function shownPath(path: string, { cwd }: Place): string {
  return relative(cwd, path).split(sep).join("/");
}

/**
 * No link is followed.
 *
 * @param all also pages, and what is hidden and can be read
 */
function filesBelow(folder: string, { env }: Place, all = false): string[] {
  const ignored = ignoredBelow(folder, env);
  const wanted = all ? SOURCE_OR_PAGE : SOURCE;
  const found: string[] = [];
  const queue = [folder];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const entry of entriesOf(next, all)) {
      if (entry.name === "node_modules" || entry.name === ".git") continue;
      if (!all && entry.name.startsWith(".")) continue;
      const path = join(next, entry.name);
      if (ignored.has(path)) continue;
      if (entry.isDirectory()) queue.push(path);
      else if (entry.isFile() && wanted.test(entry.name)) found.push(path);
    }
  }
  return found.toSorted();
}

function entriesOf(folder: string, isLenient: boolean): Dirent[] {
  const read = () => readdirSync(folder, { withFileTypes: true });
  if (!isLenient) return guard(folder, read);
  try {
    return read();
  } catch {
    return [];
  }
}

const IGNORED = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"];

/**
 * What git leaves out of a folder, which is what tools write: such a file is built again, and has no
 * history from which it could be brought back.
 *
 * @returns files and folders; none where there is no git
 */
function ignoredBelow(folder: string, env: Context["env"]): ReadonlySet<string> {
  if (!hasGit(env)) return new Set();
  refusePipes(folder, ".gitignore");
  const { exitCode, stdout } = runGit(folder, env, IGNORED);
  if (exitCode !== 0) return new Set();
  const names = new TextDecoder().decode(stdout).split("\0").filter(Boolean);
  // A folder's name ends in a slash.
  return new Set(names.map((name) => resolve(folder, name)));
}

function expand(path: string, operand: string, place: Place): string[] {
  const isFolder = guard(path, () => statSync(path).isDirectory());
  if (isFolder) return filesBelow(path, place);
  if (MODULE_ID.test(path)) return [path];
  throw new ImmuconfigError("ERR_VALUE", `${operand} is no JavaScript or TypeScript`, {
    hint: "Name a source or a folder.",
  });
}

function guard<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    throw cannotRead(path, cause, "Name a source or a folder.");
  }
}
