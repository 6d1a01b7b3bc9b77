/** A file's bytes, believed only after every check of the format and the signature rule. */

import type { Environment } from "../base/environment.ts";
import { FormatError, ImmuconfigError } from "../base/errors.ts";
import { type File, decodeFile } from "../format/file.ts";
import { signatureCheck } from "./file_signature.ts";
import { readFileBytes } from "../store/read.ts";

/** The keys whose signatures are accepted: public keys in hex, separated by commas. */
export function trustedKeys(env: Environment): string | undefined {
  return env["IMMUCONFIG_TRUSTED_KEYS"];
}

/**
 * Reads and verifies a file. Pins are not looked at.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`; FormatError
 */
export function readConfigFile(path: string, env: Environment): File {
  return verifyBytes(readFileBytes(path), path, env);
}

/** How `updateFile` of the store reads a file on this machine: by the rule for signatures. */
export function verifiedReader(env: Environment): (path: string) => File {
  return (path) => readConfigFile(path, env);
}

/**
 * @param bytes of a whole file; the caller must not write to them afterwards
 * @param path for messages
 * @throws ImmuconfigError `ERR_SIGNATURE`; FormatError
 */
export function verifyBytes(bytes: Uint8Array, path: string, env: Environment): File {
  const check = signatureCheck(trustedKeys(env));
  try {
    return decodeFile(bytes, check);
  } catch (error) {
    throw nameFile(error, path);
  }
}

/** Says which file is broken, and how to get it back. */
function nameFile(error: unknown, path: string): unknown {
  if (error instanceof FormatError) {
    return new FormatError(error.fault, {
      path,
      hint: error.hint ?? `Restore it: git restore ${path}`,
      cause: error,
    });
  }
  if (error instanceof ImmuconfigError && error.code === "ERR_SIGNATURE") {
    const { hint } = error;
    return new ImmuconfigError(error.code, `${path}: ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
  return error;
}
