/** Configuration files for tests. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FLAG_COUNT_MAX } from "../../src/base/limits.ts";
import { NO_FLAGS } from "../../src/format/flag_set.ts";
import { type File, encodeFile } from "../../src/format/file.ts";
import type { FlagEntry } from "../../src/format/flags.ts";
import { registryHash } from "../../src/format/registry_url.ts";

const REGISTRY = "https://registry.example.test";

/** An unsigned file with flag DEBUG at bit 2, off. */
export const PLAIN_FILE: File = {
  record: {
    version: 1,
    registryHash: registryHash(REGISTRY),
    featureFlags: NO_FLAGS,
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
export const MANY_FLAGS: File = { ...PLAIN_FILE, flags: flagTable(32) };
/** As PLAIN_FILE, with as many flags as a file can have. */
export const ALL_FLAGS: File = { ...PLAIN_FILE, flags: flagTable(FLAG_COUNT_MAX) };

function flagTable(count: number): FlagEntry[] {
  return Array.from({ length: count }, (_, bit) => ({ bit, name: `F${bit}` }));
}

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
