/** Sources of this repository under Node. */

import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { REPOSITORY } from "./repository.ts";

/**
 * Builds a program for Node, beside this machine's library, as the package has it.
 *
 * @param folder takes it
 * @param source its path
 * @returns what starts it
 */
export async function nodeCommand(folder: string, source: string): Promise<string[]> {
  const dist = join(folder, "dist");
  mkdirSync(dist, { recursive: true });
  if (!existsSync(join(folder, "lib"))) symlinkSync(join(REPOSITORY, "lib"), join(folder, "lib"));
  const name = basename(source).replace(/\.ts$/, ".mjs");
  await Bun.build({ entrypoints: [source], outdir: dist, target: "node", naming: name });
  return ["node", join(dist, name)];
}
