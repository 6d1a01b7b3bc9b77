/** The environment that this process was started with: without what Bun added from `.env` files. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./environment.ts";

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

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
