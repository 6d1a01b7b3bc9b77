/** The packages beside this one: those that a package manager put where it put this one. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { version } from "../../package.json";
import { ImmuconfigError } from "./errors.ts";
import { readManifest } from "./manifest.ts";
import { hasOwner } from "./owner.ts";
import { foldersUpwards } from "./walk_up.ts";

/**
 * Finds a package from the place of this one, as Node does, and never from the working folder: a
 * stranger's clone must not offer code. Bun is not asked, because it would download what is not there.
 * What another user put into a shared folder above does not count.
 *
 * @param name of the package
 * @param from the folder of this one, without links in its path
 * @returns its folder; nothing where it is not installed
 * @throws ImmuconfigError `ERR_ABI` when it is of another release than this code
 */
export function findNeighbour(name: string, from: string): string | undefined {
  const folder = folderOf(name, from);
  if (folder === undefined) return undefined;
  const theirs = readManifest(folder)?.["version"];
  if (theirs === version) return folder;
  throw new ImmuconfigError(
    "ERR_ABI",
    `${folder} is of version ${String(theirs)}, and ${from} of ${version}`,
    { hint: "immuconfig and @immuconfig/* go together in one version: install them anew." },
  );
}

let main: string | undefined;

/**
 * immuconfig's folder, for a package that goes with it.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_ABI`
 */
export function mainPackage(from: string): string {
  main ??= findNeighbour("immuconfig", from);
  if (main !== undefined) return main;
  throw new ImmuconfigError("ERR_NOT_FOUND", `there is no immuconfig beside ${from}`, {
    hint: "Add it: bun add immuconfig",
  });
}

function folderOf(name: string, from: string): string | undefined {
  // Yarn's Plug'n'Play has no folders to look through.
  if (process.versions["pnp"] !== undefined) return resolved(name, from);
  for (const above of foldersUpwards(from)) {
    const folder = join(above, "node_modules", name);
    if (existsSync(join(folder, "package.json")) && hasOwner(folder, from)) return folder;
  }
  return undefined;
}

function resolved(name: string, from: string): string | undefined {
  const { createRequire } = process.getBuiltinModule("node:module");
  try {
    return dirname(createRequire(join(from, "package.json")).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
