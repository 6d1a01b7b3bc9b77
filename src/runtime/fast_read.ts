/**
 * The project's record in one call of the native library (src/runtime/fast_read.zig), for a program
 * that has just started: loading node:fs and running the codec for the first time cost it many times
 * more (docs/adr/0004-the-first-read-is-native.md). Without this file, and wherever it cannot say,
 * `loadRecord` of loaded_record.ts gives the same.
 */

import type { Environment } from "../base/environment.ts";
import { userTrustFile } from "../base/user_folders.ts";
import type { Addon } from "../native/addon.ts";
import { libraryPath } from "../native/library.ts";
import { SETTER_VARIABLE } from "./children.ts";
import { decidingEntries } from "./deciding_variables.ts";
import type { LoadedRecord } from "./loaded_record.ts";

export interface FastRequest {
  /** Decides which file, and whether signatures are asked for. */
  readonly env: Environment;
  readonly cwd: string;
  /** The program's own folder (program.ts). */
  readonly program?: string | undefined;
  /** `IMMUCONFIG_PIN` as it shall be obeyed; who set it says `IMMUCONFIG_PIN_SETTERS` of `env`. */
  readonly pin: string | undefined;
  /** `env` is this process's own, and what a `.env` file brought into it does not count. */
  readonly isOwn?: boolean;
  /** The value of `--file`. */
  readonly file?: string | undefined;
}

/**
 * Finds, reads and verifies the project's file. All in one function, because each that runs for the
 * first time slows the start down.
 *
 * @returns the record, nothing of it frozen; undefined when the library cannot say: it is missing,
 * or the file is missing, broken, signed, or out of the ordinary. The store and the codec then give
 * the record or the reason.
 */
export function fastRead(request: FastRequest): LoadedRecord | undefined {
  const { env, cwd, program = "", pin = "", file = env["IMMUCONFIG_FILE"] ?? "" } = request;
  const trust = userTrustFile(env);
  if (trust === undefined) return undefined;
  const named = file === "" || file[0] === "/" ? file : `${cwd}/${file}`;
  const setters = env[SETTER_VARIABLE] ?? "";
  const variables = request.isOwn === true ? decidingEntries(env) : "";
  const module = { exports: {} as Addon };
  try {
    process.dlopen(module, libraryPath());
    const text = module.exports.view(cwd, program, named, variables, pin, setters, trust);
    return text === undefined ? undefined : (JSON.parse(text) as LoadedRecord);
  } catch {
    return undefined;
  }
}
