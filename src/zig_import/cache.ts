/** Compiled modules by the hash of all that went into them. */

import { sha256Bytes } from "../base/digest.ts";
import { SOURCE_FILE_SIZE_MAX } from "../base/limits.ts";
import { readWhole } from "../base/read_file.ts";
import { hasOwner } from "../base/owner.ts";
import { foldersUpwards } from "../base/walk_up.ts";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Environment } from "../base/environment.ts";

const DIGEST_SIZE = 32;

/**
 * Where modules compiled for a source are kept: `node_modules/.cache/immuconfig` of the nearest
 * project that has installed packages, else the user's own cache folder.
 */
export function cacheFolder(source: string, env: Environment): string {
  for (const folder of foldersUpwards(dirname(source))) {
    const modules = join(folder, "node_modules");
    if (existsSync(modules) && hasOwner(modules, dirname(source)))
      return join(modules, ".cache", "immuconfig");
  }
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "immuconfig");
}

/** @returns undefined when there is none, or what is there is damaged */
export function readCached(folder: string, key: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = readWhole(join(folder, `${key}.wasm`), SOURCE_FILE_SIZE_MAX);
    const content = bytes.subarray(DIGEST_SIZE);
    const kept = Buffer.from(sha256Bytes(content));
    return kept.equals(bytes.subarray(0, DIGEST_SIZE)) ? content.slice() : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written costs the next build its time, nothing else. */
export function writeCached(folder: string, key: string, content: Uint8Array): void {
  const temporary = join(folder, `${key}.${randomUUID()}.tmp`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, Buffer.concat([sha256Bytes(content), content]));
    renameSync(temporary, join(folder, `${key}.wasm`));
  } catch {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // It was never there.
    }
  }
}
