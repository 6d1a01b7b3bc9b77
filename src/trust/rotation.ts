/** A statement that one key follows another, signed by both. Pure but for the signing. */

import { valueError } from "../base/errors.ts";
import { parseJsonObject } from "../base/json.ts";
import { hexBytes, parseHex } from "../format/bytes.ts";
import { isDate } from "../format/meta.ts";
import { holds, parsePublicKey, type Signer } from "./file_signature.ts";

export interface Rotation {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** Raw, 32 bytes. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly fromSignature: Uint8Array;
  readonly toSignature: Uint8Array;
}

const CONTEXT = "immuconfig/rotate/v1\0";

/** @param date `YYYY-MM-DD` */
export async function signRotation(from: Signer, to: Signer, date: string): Promise<Rotation> {
  const message = signedBytes(from.publicKey, to.publicKey, date);
  return {
    date,
    from: from.publicKey,
    to: to.publicKey,
    fromSignature: await from.sign(message),
    toSignature: await to.sign(message),
  };
}

export function encodeRotation({ date, ...bytes }: Rotation): string {
  return JSON.stringify({
    date,
    from: hexBytes(bytes.from),
    to: hexBytes(bytes.to),
    fromSignature: hexBytes(bytes.fromSignature),
    toSignature: hexBytes(bytes.toSignature),
  });
}

/**
 * Reads a statement and checks both signatures.
 *
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function parseRotation(text: string): Rotation {
  const { date, from, to, fromSignature, toSignature, ...more } = parseJsonObject(text) ?? {};
  if (typeof date !== "string" || !isDate(date) || Object.keys(more).length > 0) throw noRotation();
  const rotation = {
    date,
    from: keyOf(from),
    to: keyOf(to),
    fromSignature: signatureOf(fromSignature),
    toSignature: signatureOf(toSignature),
  };
  const message = signedBytes(rotation.from, rotation.to, date);
  if (
    hexBytes(rotation.from) === hexBytes(rotation.to) ||
    !holds(message, rotation.fromSignature, rotation.from) ||
    !holds(message, rotation.toSignature, rotation.to)
  ) {
    throw valueError(
      "the rotation is not signed by both keys",
      "Ask its owner for the statement that `bun-config key rotate` wrote.",
    );
  }
  return rotation;
}

function signedBytes(from: Uint8Array, to: Uint8Array, date: string): Uint8Array {
  return Buffer.concat([Buffer.from(CONTEXT), from, to, Buffer.from(date)]);
}

function keyOf(value: unknown): Uint8Array {
  if (typeof value !== "string") throw noRotation();
  return parsePublicKey(value);
}

function signatureOf(value: unknown): Uint8Array {
  const bytes = typeof value === "string" ? parseHex(value) : undefined;
  if (bytes?.length !== 64) throw noRotation();
  return bytes;
}

function noRotation(): Error {
  return valueError(
    "this is no statement of a key's rotation",
    "Give the file that `bun-config key rotate` wrote.",
  );
}
