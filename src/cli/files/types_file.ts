/** The files of type declarations in a project: where they are, and keeping them up to date. */

import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { foldersUpwards } from "../../base/walk_up.ts";
import type { File } from "../../format/file.ts";
import { FILE_NAME } from "../../store/find.ts";
import { readText, writeText } from "./text_file.ts";
import { isReadByTypeScript } from "./tsconfig.ts";
import { isTypesText, TYPES_NAME, typeDeclarations } from "./type_declarations.ts";

/** How deep below the record's folder they are looked for: `packages/app/src`. */
const DEPTH_MAX = 3;
/** Folders looked into, so that no project makes a change slow. */
const FOLDER_COUNT_MAX = 1000;
/** Outputs and packages hold none that somebody edits. */
const SKIPPED = new Set(["node_modules", "dist", "build", "out", "coverage", "target", "vendor"]);
/** Where a project that has TypeScript read some folders alone may keep them. */
const FOLDERS = ["src", "types", "app"];

/**
 * @param path of the record's file. A folder with a record of its own has its own declarations.
 */
export function findTypesFiles(path: string): string[] {
  const found: string[] = [];
  let folders = [dirname(path)];
  let looked = 0;
  for (let depth = 0; depth <= DEPTH_MAX; depth++) {
    const next: string[] = [];
    for (const folder of folders) {
      if (looked++ >= FOLDER_COUNT_MAX) return found;
      if (depth > 0 && existsSync(join(folder, FILE_NAME))) continue;
      for (const entry of entriesOf(folder)) {
        const child = join(folder, entry.name);
        if (entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name)) {
          next.push(child);
        } else if (entry.isFile() && entry.name.endsWith(".d.ts")) {
          if (isTypesText(readText(child) ?? "")) found.push(child);
        }
      }
    }
    folders = next;
  }
  return found;
}

/** A folder that may not be listed has none. */
function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Beside the record, or where the project has TypeScript look. */
export function defaultTypesFile(path: string): string {
  const folder = dirname(path);
  const beside = join(folder, TYPES_NAME);
  const config = join(folder, "tsconfig.json");
  if (!existsSync(config) || isReadByTypeScript(config, beside) !== false) return beside;
  const inside = FOLDERS.map((name) => join(folder, name, TYPES_NAME));
  return (
    inside.find((file) => existsSync(dirname(file)) && isReadByTypeScript(config, file) === true) ??
    beside
  );
}

/** @returns the text for a file at `out` */
export function typesText(file: File, path: string, out: string): string {
  return typeDeclarations(file, basename(path), hasBunTypes(dirname(out)));
}

function hasBunTypes(folder: string): boolean {
  for (const above of foldersUpwards(folder)) {
    for (const name of ["@types/bun", "bun-types"]) {
      if (existsSync(join(above, "node_modules", name))) return true;
    }
  }
  return false;
}

/**
 * Writes the declarations again after a change.
 *
 * @returns the paths of those that were written
 * @throws ImmuconfigError `ERR_READ`, `ERR_WRITE`
 */
export async function rewriteTypes(path: string, before: File, after: File): Promise<string[]> {
  const name = basename(path);
  if (typeDeclarations(before, name, false) === typeDeclarations(after, name, false)) return [];
  const written: string[] = [];
  for (const out of findTypesFiles(path)) {
    const existing = readText(out);
    const text = typesText(after, path, out);
    if (existing === text) continue;
    await writeText(out, text, existing);
    written.push(out);
  }
  return written;
}
