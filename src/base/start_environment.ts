/** The environment that this process was started with: without what Bun added from `.env` files. */

import { join } from "node:path";
import type { Environment } from "./environment.ts";
import { cannotRead } from "./fs_errors.ts";
import { ENVIRONMENT_SIZE_MAX } from "./limits.ts";
import { readUpTo } from "./read_file.ts";

/** Every name that Bun gives such a file, whatever the mode it runs in. */
const ENV_FILES = ["", ".development", ".production", ".test"].flatMap((mode) => [
  `.env${mode}`,
  `.env${mode}.local`,
]);

/**
 * Bun adds the project's `.env` files to `process.env`. They have no say about network, trust, pins
 * and files; and a child that is handed them would prefer them to its own: `bun test` to `.env.test`.
 *
 * @param env to be sifted where the system does not tell what a process was started with (Linux
 * does): all goes that a `.env` of the folder names
 * @param cwd the folder that the process was started in
 */
export function startEnvironment(env: Environment, cwd: string): Environment {
  const text = process.platform === "linux" ? readText("/proc/self/environ") : undefined;
  if (text === undefined) return withoutEnvFiles(env, cwd);
  const pairs = text.split("\0").map((entry) => {
    const at = entry.indexOf("=");
    return [entry.slice(0, at), entry.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs.filter(([name]) => name !== ""));
}

/** A name that stands anywhere in a file counts as set by it. */
function withoutEnvFiles(env: Environment, cwd: string): Environment {
  const text = envFilesText(cwd);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !text.includes(name)));
}

/** All that the `.env` files of a folder say. */
export function envFilesText(cwd: string): string {
  return ENV_FILES.map((name) => readText(join(cwd, name)) ?? "").join("\n");
}

/**
 * @returns undefined where there is none, and for a pipe or a device, which Bun does not take for one
 * either, and which would keep the reader waiting
 * @throws ImmuconfigError `ERR_READ` for one of which a part would be unseen
 */
function readText(path: string): string | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readUpTo(path, ENVIRONMENT_SIZE_MAX + 1);
  } catch {
    return undefined;
  }
  if (bytes.length <= ENVIRONMENT_SIZE_MAX) return new TextDecoder().decode(bytes);
  throw cannotRead(path, `it has more than ${ENVIRONMENT_SIZE_MAX} bytes`, "Make it smaller.");
}
