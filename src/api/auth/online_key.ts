/** The key with which the server signs sets of overrides. It can sign nothing that anybody believes but those. */

import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cannotRead } from "../../base/fs_errors.ts";
import { createFile } from "../../store/durable_write.ts";
import type { Signer } from "../../trust/file_signature.ts";
import { newPrivateKey, signerOf } from "../../trust/keys/private_key.ts";

const FILE = "online.key";

/**
 * Loads the server's key, and makes it where there is none.
 *
 * @param folder of the server's data
 * @throws ImmuconfigError `ERR_READ`, `ERR_WRITE`
 */
export function openOnlineKey(folder: string): Signer {
  const path = join(folder, FILE);
  if (!existsSync(path)) {
    const pem = newPrivateKey().export({ format: "pem", type: "pkcs8" });
    createFile(path, Buffer.from(pem), { mode: 0o600 });
  }
  try {
    return signerOf(createPrivateKey(readFileSync(path)));
  } catch (cause) {
    throw cannotRead(path, cause, "Restore it from a backup: hosts trust this key and no other.");
  }
}
