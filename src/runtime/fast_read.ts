/**
 * The project's record in one call of the native library (src/runtime/fast_read.zig), for a program
 * that has just started: loading node:fs and running the codec for the first time cost it many times
 * more (docs/adr/0004-the-first-read-is-native.md). Without this file, and wherever it cannot say,
 * `loadRecord` of load.ts gives the same.
 */

import type { Environment } from "../base/environment.ts";
import { userTrustFile } from "../base/user_folders.ts";
import type { Addon } from "../native/addon.ts";
import { libraryPath } from "../native/library.ts";
import type { LoadedRecord } from "./load.ts";

/**
 * Finds, reads and verifies the project's file. All in one function, because each that runs for the
 * first time slows the start down.
 *
 * @param env decides which file, and whether signatures are asked for
 * @param pin `IMMUCONFIG_PIN` as it shall be obeyed
 * @param named the value of `--file`
 * @param cwd the working folder
 * @param root the folder of the package, for a file that does not know where it lies
 * @returns the record, nothing of it frozen; undefined when the library cannot say: it is missing,
 * or the file is missing, broken, signed, or out of the ordinary. The store and the codec then give
 * the record or the reason.
 */
export function fastRead(
  env: Environment,
  pin: string | undefined,
  named?: string,
  cwd = process.cwd(),
  root?: string,
): LoadedRecord | undefined {
  const trust = userTrustFile(env);
  if (trust === undefined) return undefined;
  let file = named ?? env["IMMUCONFIG_FILE"] ?? "";
  if (file !== "" && file[0] !== "/") file = `${cwd}/${file}`;
  const module = { exports: {} as Addon };
  try {
    process.dlopen(module, libraryPath(root));
    const text = module.exports.view(cwd, file, pin ?? "", trust);
    return text === undefined ? undefined : (JSON.parse(text) as LoadedRecord);
  } catch {
    return undefined;
  }
}
