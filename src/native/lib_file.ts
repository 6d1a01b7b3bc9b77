/** Finds what was built from Zig: the files in `lib/` of the package. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { libraryPath } from "./library_path.ts";

/** From src/native, dist/native, dist/chunks and dist/bundle/source alike. */
const FOLDERS = ["../../lib", "../../../lib"] as const;

/** @returns nothing where it was not built */
export function findWasm(): string | undefined {
  return find((lib) => join(lib, "immuconfig.wasm"));
}

/** @returns of this machine's shared library; nothing where it was not built */
export function findLibrary(): string | undefined {
  return find(libraryPath);
}

function find(pathIn: (lib: string) => string): string | undefined {
  return FOLDERS.map((lib) => pathIn(join(import.meta.dirname, lib))).find((path) =>
    existsSync(path),
  );
}
