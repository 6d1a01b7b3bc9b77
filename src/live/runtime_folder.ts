/** Which folder holds the live segments of a user. */

import type { Environment } from "../base/environment.ts";
import { isAbsolutePath } from "../base/paths.ts";

/** Memory that all processes of a Linux host share, whatever their session or temporary folder. */
export const SHARED_MEMORY = "/dev/shm";

/**
 * `IMMUCONFIG_RUNTIME_DIR`, else `immuconfig-UID` in the host's shared memory, or `immuconfig-live` in
 * the user's own local data on Windows, where users have no number. No other variable
 * has a say: a service and an operator's shell seldom agree in them, and would miss each other.
 *
 * @param shared the folder for the temporary data of all users
 * @returns an absolute path; undefined for a user of Windows without such a folder
 */
export function runtimeFolder(env: Environment, shared = SHARED_MEMORY): string | undefined {
  const own = env["IMMUCONFIG_RUNTIME_DIR"];
  const user = process.getuid?.();
  if (own !== undefined && isAbsolutePath(own)) return own;
  if (user !== undefined) return `${shared}/immuconfig-${user}`;
  const local = env["LOCALAPPDATA"];
  return local === undefined ? undefined : `${local}\\immuconfig-live`;
}
