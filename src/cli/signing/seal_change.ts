/** Every change of a signed file is signed by a key that the user has, or refused. */

import { type File } from "../../format/file.ts";
import { HEADER_SIZE, KEY_ID_SIZE, OFFSET } from "../../format/layout.ts";
import { findNonZero } from "../../format/bytes.ts";
import { readFileBytes } from "../../store/read.ts";
import { signFile } from "../../trust/file_signature.ts";
import { verifyFile } from "../../trust/verified.ts";
import type { Context } from "../command.ts";
import type { KeyRequest } from "./key_options.ts";

/**
 * Opens the key, before the lock is taken.
 *
 * @returns nothing for an unsigned file
 * @throws ImmuconfigError `ERR_KEY` when the user has no key that is trusted here, or does not open it
 */
export async function sealer(
  context: Context,
  path: string,
  request: KeyRequest = {},
): Promise<((file: File) => Promise<File>) | undefined> {
  const bytes = readFileBytes(path);
  if (!isSigned(bytes)) return undefined;
  const { chooseKey, passphraseSource } = await import("./own_keys.ts");
  const { verdict } = verifyFile(bytes, path, context.env, { now: context.now() });
  const key = await chooseKey(context, request, verdict?.policy);
  const signer = await key.open(passphraseSource(context, request));
  const needsOthers = (verdict?.policy.trust.threshold ?? 1) > 1;
  return async (file) => {
    const signed = await signFile(file, signer, needsOthers ? [] : undefined);
    context.out.note(`signed by ${key.name} (${key.id})`);
    if (needsOthers) context.out.note("note: others must sign it too: bun-config sign");
    return signed;
  };
}

function isSigned(bytes: Uint8Array): boolean {
  const end = OFFSET.keyId + KEY_ID_SIZE;
  return bytes.length >= HEADER_SIZE && findNonZero(bytes, OFFSET.keyId, end) !== -1;
}
