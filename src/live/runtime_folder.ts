/** Which folder holds the live segments of a user. */

import type { Environment } from "../base/environment.ts";

/** Memory that all processes of a Linux host share, whatever their session or temporary folder. */
export const SHARED_MEMORY = "/dev/shm";

/**
 * `IMMUCONFIG_RUNTIME_DIR`, else `immuconfig-UID` in the host's shared memory. No other variable
 * has a say: a service and an operator's shell seldom agree in them, and would miss each other.
 *
 * @param shared the folder for the temporary data of all users
 * @returns an absolute path; undefined where users have no number (Windows)
 */
export function runtimeFolder(env: Environment, shared = SHARED_MEMORY): string | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  const own = env["IMMUCONFIG_RUNTIME_DIR"];
  return own?.startsWith("/") === true ? own : `${shared}/immuconfig-${user}`;
}
