/** The vectors of tests/vectors. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import index from "../vectors/index.json" with { type: "json" };

const folder = join(import.meta.dir, "..", "vectors");

export const TRUSTED_KEY: string = index.trustedKey;

/** @param file as in index.json */
export function readVector(file: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, file)));
}

/** The path of a vector. */
export function vectorPath(file: string): string {
  return join(folder, file);
}
