/** A package.json, as far as it can be read: who has to say what is wrong with it reads it otherwise. */

import { join } from "node:path";
import { parseJsonObject } from "./json.ts";
import { SETTINGS_FILE_SIZE_MAX } from "./limits.ts";
import { readText } from "./read_file.ts";

/** @returns undefined where the folder has none, or one that is no object of JSON */
export function readManifest(folder: string): Record<string, unknown> | undefined {
  try {
    return parseJsonObject(readText(join(folder, "package.json"), SETTINGS_FILE_SIZE_MAX));
  } catch {
    return undefined;
  }
}

/**
 * Whether a package.json is that of a package that others install: npm publishes what has a name and a
 * version, and is not private.
 */
export function isPublished(manifest: Readonly<Record<string, unknown>>): boolean {
  const { name, version, private: isPrivate } = manifest;
  return isPrivate !== true && name !== undefined && version !== undefined;
}
