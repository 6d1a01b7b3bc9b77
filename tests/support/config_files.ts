/** Configuration files for tests. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type File, encodeFile } from "../../src/format/file.ts";
import { registryHash } from "../../src/format/registry_url.ts";

const REGISTRY = "https://registry.example.test";

/** An unsigned file with flag DEBUG at bit 2, off. */
export const PLAIN_FILE: File = {
  record: {
    version: 1,
    registryHash: registryHash(REGISTRY),
    featureFlags: 0,
    terminalMode: "cooked",
    rows: 24,
    cols: 80,
  },
  generation: 1,
  frozen: false,
  signature: null,
  packages: new Uint8Array(),
  flags: [{ bit: 2, name: "DEBUG" }],
  meta: { registries: { default: REGISTRY } },
  extensions: [],
};

/** As PLAIN_FILE, with flags F0 to F31. */
export const MANY_FLAGS: File = {
  ...PLAIN_FILE,
  flags: Array.from({ length: 32 }, (_, bit) => ({ bit, name: `F${bit}` })),
};

/**
 * Writes `bunfig.lockb` into a folder.
 *
 * @returns its path
 */
export function writeConfigFile(folder: string, file: File = PLAIN_FILE): string {
  const path = join(folder, "bunfig.lockb");
  writeFileSync(path, encodeFile(file));
  return path;
}
