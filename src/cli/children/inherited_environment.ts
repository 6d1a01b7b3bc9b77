/** The environment that this process was started with. */

import { readFileSync } from "node:fs";
import type { Environment } from "../../base/environment.ts";

/**
 * Bun adds the project's `.env` files to `process.env` by the rules for this command. A child
 * that is handed those values would prefer them to its own files: `bun test` to `.env.test`.
 *
 * @param env what to give back where the system does not tell (it does on Linux)
 */
export function inheritedEnvironment(env: Environment): Environment {
  let text: string;
  try {
    text = readFileSync("/proc/self/environ", "utf8");
  } catch {
    return env;
  }
  const pairs = text.split("\0").map((entry) => {
    const at = entry.indexOf("=");
    return [entry.slice(0, at), entry.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs.filter(([name]) => name !== ""));
}
