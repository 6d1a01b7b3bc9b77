/** The user's own folders for immuconfig, outside every project; for programs that have just started, too. */

import type { Environment } from "./environment.ts";
import { isAbsolutePath } from "./paths.ts";

/** Keys in hex, separated by commas: whose signatures count on a machine without a trust file. */
export const TRUSTED_KEYS_VARIABLE = "IMMUCONFIG_TRUSTED_KEYS";
/** The path of a trust file that stands for the whole machine. */
export const TRUST_FILE_VARIABLE = "IMMUCONFIG_TRUST";

/**
 * Where the user's keys and trust are kept: below `XDG_CONFIG_HOME`, or `.config` of the home folder,
 * or `APPDATA` on Windows.
 *
 * @returns undefined for a user without a home
 */
export function configFolder(env: Environment): string | undefined {
  return folderOf(env, "XDG_CONFIG_HOME", ".config");
}

/** Where this machine keeps what it has seen: below `XDG_STATE_HOME`, or `.local/state`. */
export function stateFolder(env: Environment): string | undefined {
  return folderOf(env, "XDG_STATE_HOME", ".local/state");
}

/** The file of whom the user trusts; undefined for a user without a home. */
export function userTrustPath(env: Environment): string | undefined {
  const folder = configFolder(env);
  return folder === undefined ? undefined : `${folder}/trust.json`;
}

function folderOf(env: Environment, variable: string, inHome: string): string | undefined {
  const named = env[variable];
  // The specification of XDG says that a relative path is to be ignored.
  if (named !== undefined && isAbsolutePath(named)) return `${named}/immuconfig`;
  const roaming = env["APPDATA"];
  if (process.platform === "win32" && roaming !== undefined) return `${roaming}/immuconfig`;
  const home = env["HOME"];
  if (home === undefined || !isAbsolutePath(home)) return undefined;
  return `${home}/${inHome}/immuconfig`;
}
