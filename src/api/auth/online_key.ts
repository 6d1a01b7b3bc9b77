/** The key with which the server signs sets of overrides. It can sign nothing that anybody believes but those. */

import { createPrivateKey } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import { cannotRead } from "../../base/fs_errors.ts";
import { KEY_FILE_SIZE_MAX } from "../../base/limits.ts";
import { readSource } from "../../base/read_file.ts";
import { hexBytes } from "../../format/bytes.ts";
import { createFile } from "../../store/durable_write.ts";
import type { Signer } from "../../trust/file_signature.ts";
import { newPrivateKey, signerOf } from "../../trust/keys/private_key.ts";
import { ONLINE_KEY } from "../data_folder.ts";
import type { SharedStore } from "../db/store.ts";

/**
 * Loads the server's key, and makes it where there is none. Servers on one database must have the same: hosts
 * trust one. The database holds its public half, and the secret half only the folders of the servers.
 *
 * @param folder of the server's data
 * @param replaces whether this server's own takes the place of another that the database names
 * @throws ImmuconfigError `ERR_KEY` when the database names another; `ERR_READ`, `ERR_WRITE`
 */
export async function openOnlineKey(
  folder: string,
  shared: SharedStore | undefined,
  replaces: boolean,
): Promise<Signer> {
  const path = join(folder, ONLINE_KEY);
  const named = replaces ? undefined : await shared?.onlineKey();
  if (!existsSync(path)) {
    if (named !== undefined) throw otherKey(named, path, "is missing");
    const pem = newPrivateKey().export({ format: "pem", type: "pkcs8" });
    createFile(path, Buffer.from(pem), { mode: 0o600 });
  }
  const signer = readSigner(path);
  const own = hexBytes(signer.publicKey);
  const kept = named ?? (await shared?.keepOnlineKey(own, replaces)) ?? own;
  if (kept !== own) throw otherKey(kept, path, "is another");
  return signer;
}

/** @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ` */
export function readSigner(path: string): Signer {
  try {
    return signerOf(createPrivateKey(readSource(path, KEY_FILE_SIZE_MAX)));
  } catch (cause) {
    throw cannotRead(path, cause, "Restore it from a backup: hosts trust this key and no other.");
  }
}

function otherKey(named: string, path: string, how: string): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_KEY",
    `the servers on this database sign with the key ${named}, and ${path} ${how}`,
    {
      hint: `Copy ${ONLINE_KEY} from the data of a server that has it. Only where it is lost: --new-online-key, after which hosts must be told to trust another.`,
    },
  );
}
