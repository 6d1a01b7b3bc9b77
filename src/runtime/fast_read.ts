/**
 * The project's record in one call of the native library (src/runtime/fast_read.zig), for a program that has
 * just started: loading node:fs and running the codec for the first time cost it many times more
 * (docs/adr/0004-the-first-read-is-native.md).
 */

import type { Environment } from "../base/environment.ts";
import type { Addon } from "../native/addon.ts";
import { libraryPath } from "../native/library.ts";
import type { Config } from "./snapshot.ts";

/** What the library says of a valid, unsigned file. Nothing of it is frozen. */
export interface FastView {
  readonly config: Config;
  readonly frozen: boolean;
  /** `config` is the record that a parent process pinned. */
  readonly pinned: boolean;
  /** The file's, absolute and without symbolic links. */
  readonly path: string;
  /** `IMMUCONFIG_PIN` for child processes; empty when pins are switched off. */
  readonly pin: string;
  /** The flag table, in ascending order of bit. */
  readonly flags: readonly {
    readonly bit: number;
    readonly name: string;
    readonly retired?: true;
    /** `YYYY-MM-DD` */
    readonly expires?: string;
  }[];
}

/**
 * Finds, reads and verifies the project's file. All in one function, because each that runs for the
 * first time slows the start down.
 *
 * @param env decides which file, and whether signatures are asked for
 * @param pin `IMMUCONFIG_PIN` as it shall be obeyed
 * @param named the value of `--file`
 * @param root the folder of the package, for a file that does not know where it lies
 * @returns nothing when the library cannot say: it is missing, or the file is missing, broken,
 * signed, or out of the ordinary. The store and the codec then give the record or the reason.
 */
export function fastRead(
  env: Environment,
  pin: string | undefined,
  named?: string,
  root?: string,
): FastView | undefined {
  if (env["IMMUCONFIG_TRUSTED_KEYS"]) return undefined;
  const cwd = process.cwd();
  let file = named ?? env["IMMUCONFIG_FILE"] ?? "";
  if (file !== "" && file[0] !== "/") file = `${cwd}/${file}`;
  const module = { exports: {} as Addon };
  try {
    process.dlopen(module, libraryPath(root));
    const text = module.exports.view(cwd, file, pin ?? "");
    return text === undefined ? undefined : (JSON.parse(text) as FastView);
  } catch {
    return undefined;
  }
}
