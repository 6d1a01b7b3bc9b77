/** Reads a file into a frozen view, under the pins of this process. */

import type { Environment } from "../base/environment.ts";
import { decodeFile } from "../format/file.ts";
import { readFileBytes } from "../store/read.ts";
import { trustedKeys, verifyBytes } from "../trust/verified.ts";
import { signatureCheck } from "../trust/file_signature.ts";
import { findPin } from "./pin.ts";
import { PIN_VARIABLE } from "./pin_variable.ts";
import { type Config, snapshot } from "./snapshot.ts";

/**
 * Loads a configuration file, synchronously.
 *
 * Loading the same bytes again gives the same object.
 *
 * @param path of the file
 * @returns the frozen view: of the record that a parent process pinned for this file, or else of
 * the file's own
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_PIN`, `ERR_SIGNATURE`; FormatError
 * @example
 * const config = load("./bunfig.lockb");
 * if (config.features.DEBUG) console.log(config.registry.url);
 */
export function load(path: string): Config {
  const bytes = readFileBytes(path);
  const { env } = process;
  if (last !== undefined && isSame(last, bytes, path, env)) return last.config;
  const kept = bytes.slice();
  const file = verifyBytes(kept, path, env);
  const config = snapshot(file, findPin(env, path)?.record);
  last = { path, bytes: kept, pin: env[PIN_VARIABLE], keys: trustedKeys(env), config };
  return config;
}

/**
 * Verifies bytes and gives the frozen view of their record; pins do not apply.
 *
 * @param bytes a whole file
 * @throws FormatError; ImmuconfigError `ERR_SIGNATURE`
 * @example const config = parse(await Bun.file("bunfig.lockb").bytes());
 */
export function parse(bytes: Uint8Array): Config {
  return snapshot(decodeFile(bytes.slice(), signatureCheck(trustedKeys(process.env))));
}

/** The last load, and all that its result depends on. */
interface LastLoad {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly pin: string | undefined;
  readonly keys: string | undefined;
  readonly config: Config;
}

let last: LastLoad | undefined;

function isSame(previous: LastLoad, bytes: Uint8Array, path: string, env: Environment): boolean {
  return (
    previous.path === path &&
    previous.pin === env[PIN_VARIABLE] &&
    previous.keys === trustedKeys(env) &&
    Buffer.compare(previous.bytes, bytes) === 0
  );
}
