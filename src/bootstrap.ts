/** The first run in a project: creates the file, or verifies the one that is there. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "./base/errors.ts";
import { isObject } from "./base/json.ts";
import { encodeFile } from "./format/file.ts";
import { isPlainText } from "./format/meta.ts";
import { recordToText } from "./format/record.ts";
import { PROJECT_NAME_SIZE_MAX } from "./base/limits.ts";
import { checkFileName } from "./store/bun_lockfile.ts";
import { defaultFile } from "./store/default_file.ts";
import { FILE_NAME, findFile, type Surroundings } from "./store/find.ts";
import { createFile } from "./store/durable_write.ts";
import { readConfigFile } from "./trust/verified.ts";

export interface Bootstrapped {
  readonly path: string;
  readonly created: boolean;
  /** 26 hex digits. */
  readonly record: string;
  readonly generation: number;
  /** From the first look for the file to the result, in nanoseconds. */
  readonly nanoseconds: number;
}

/**
 * Makes sure that the project has a valid file. Never changes one that is there.
 *
 * @param surroundings where to look; a new file goes to the working folder
 * @param registry for a new file; npm's default when left out
 * @throws FormatError for a broken file; ImmuconfigError `ERR_SIGNATURE`, `ERR_UNSAFE_NAME`, `ERR_READ`, `ERR_WRITE`
 * @example bootstrap({ cwd: process.cwd(), env: process.env })
 */
export function bootstrap(surroundings: Surroundings, registry?: string): Bootstrapped {
  const start = performance.now();
  const path = findFile(surroundings) ?? join(surroundings.cwd, FILE_NAME);
  checkFileName(path);
  const created = !existsSync(path) && create(path, registry, surroundings.cwd);
  const { record, generation } = readConfigFile(path, surroundings.env);
  const nanoseconds = (performance.now() - start) * 1e6;
  return { path, created, record: recordToText(record), generation, nanoseconds };
}

/** The `name` in the folder's package.json, where it can be kept. */
export function projectName(folder: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const name = isObject(manifest) ? manifest["name"] : undefined;
    return typeof name === "string" && isPlainText(name, PROJECT_NAME_SIZE_MAX) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** @returns false when another process was quicker */
function create(path: string, registry: string | undefined, folder: string): boolean {
  const file = defaultFile({ registry, project: projectName(folder) });
  try {
    createFile(path, encodeFile(file));
    return true;
  } catch (error) {
    if (error instanceof ImmuconfigError && error.code === "ERR_EXISTS") return false;
    throw error;
  }
}
