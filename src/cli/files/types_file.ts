/** The files of type declarations in a project: where they are, and keeping them up to date. */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { foldersUpwards } from "../../base/walk_up.ts";
import type { File } from "../../format/file.ts";
import { SOURCE_PATH } from "../../bundle/source/needles.ts";
import { readText, writeText } from "./text_file.ts";
import { isReadByTypeScript } from "./tsconfig.ts";
import { filesBeside } from "./files_beside.ts";
import { styleOfSources } from "./source_style.ts";
import { isTypesText, styleOfTypes, TYPES_NAME, typeDeclarations } from "./type_declarations.ts";

/** Where a project that has TypeScript read some folders alone may keep them; else where its sources are. */
const FOLDERS = ["src", "types", "app"];

/** @param path of the record's file */
export function findTypesFiles(path: string): string[] {
  return [...filesBeside(path)].filter(
    (file) => file.endsWith(".d.ts") && isTypesText(readText(file) ?? ""),
  );
}

/** Beside the record, or where the project has TypeScript look. */
export function defaultTypesFile(path: string): string {
  const folder = dirname(path);
  const beside = join(folder, TYPES_NAME);
  const config = join(folder, "tsconfig.json");
  if (!existsSync(config) || isReadByTypeScript(config, beside) !== false) return beside;
  const sources = [...filesBeside(path)].filter((file) => SOURCE_PATH.test(file)).map(dirname);
  const folders = [...FOLDERS.map((name) => join(folder, name)), ...new Set(sources)];
  const inside = folders.map((name) => join(name, TYPES_NAME));
  return (
    inside.find((file) => existsSync(dirname(file)) && isReadByTypeScript(config, file) === true) ??
    beside
  );
}

/** @returns the text for a file at `out`, in the style of the one that is there, or of the project */
export function typesText(file: File, path: string, out: string): string {
  const before = readText(out) ?? "";
  const style = isTypesText(before) ? styleOfTypes(before) : styleOfSources(filesBeside(path));
  return typeDeclarations(file, basename(path), hasBunTypes(dirname(out)), style);
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
