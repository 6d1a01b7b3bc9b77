/**
 * `immuconfig/core` where there are no files and nobody can trust a key: browsers, edge functions,
 * Workers. The same names, the same answers.
 */

import { ImmuconfigError } from "../base/errors.ts";
import { decodeFile, type File } from "../format/file.ts";
import { hexBytes } from "../format/bytes.ts";
import type { Config } from "./config.ts";
import { snapshot } from "./snapshot.ts";

export { FormatError, ImmuconfigError } from "../base/errors.ts";
export * as limits from "../base/limits.ts";
export { encodeFile as encode } from "../format/file.ts";

/** @throws ImmuconfigError `ERR_UNSUPPORTED`, always */
export function load(): never {
  throw new ImmuconfigError("ERR_UNSUPPORTED", "there are no files to load a record from here", {
    hint: "Fetch the file, and hand its bytes to parse().",
  });
}

/** As `parse` of core.ts. */
export function parse(bytes: Uint8Array): Config {
  return snapshot(decode(bytes));
}

/** As `decode` of core.ts: a signed file is refused, as everywhere where no key is trusted. */
export function decode(bytes: Uint8Array): File {
  return decodeFile(bytes.slice(), (_, signature) => {
    if (signature === null) return;
    throw new ImmuconfigError(
      "ERR_SIGNATURE",
      `the file is signed by key ${hexBytes(signature.keyId)}, and no key can be trusted here`,
      { hint: "Read it on a server that trusts the key, and send what the page needs of it." },
    );
  });
}
