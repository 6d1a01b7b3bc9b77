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

export interface KeyOptions {
  /** Where several servers have the same data. */
  readonly shared?: SharedStore | undefined;
  /** Nobody has written to the data yet: no host can trust a key of theirs. */
  readonly isNew: boolean;
  /** This server's own takes the place of the one that hosts have trusted so far. */
  readonly replaces: boolean;
}

/**
 * Loads the server's key, and makes it where the data are new. Servers on one database must have the same: hosts
 * trust one. The database holds its public half, and the secret half only the folders of the servers.
 *
 * @param folder of the server's data
 * @throws ImmuconfigError `ERR_KEY` when it is missing, or the database names another; `ERR_READ`, `ERR_WRITE`
 */
export async function openOnlineKey(
  folder: string,
  { shared, isNew, replaces }: KeyOptions,
): Promise<Signer> {
  const path = join(folder, ONLINE_KEY);
  const named = replaces ? undefined : await shared?.onlineKey();
  if (!existsSync(path)) {
    if (named !== undefined) throw otherKey(named, path, "is missing");
    if (!isNew && !replaces) throw lostKey(path);
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

const LOST_HINT =
  "Only where it is lost: --new-online-key, after which hosts must be told to trust another.";

function lostKey(path: string): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_KEY",
    `hosts trust the key with which this server has signed, and ${path} is missing`,
    { hint: `Put it back from a backup. ${LOST_HINT}` },
  );
}

function otherKey(named: string, path: string, how: string): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_KEY",
    `the servers on this database sign with the key ${named}, and ${path} ${how}`,
    {
      hint: `Copy ${ONLINE_KEY} from the data of a server that has it. ${LOST_HINT}`,
    },
  );
}
