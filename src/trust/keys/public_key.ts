/** Public keys as people hand them on: checked once, when somebody is asked to trust one. */

import { valueError } from "../../base/errors.ts";
import { hexBytes } from "../../format/bytes.ts";
import { parsePublicKey } from "../file_signature.ts";
import { PUBLIC_KEY_SIZE } from "./private_key.ts";

/** The field of edwards25519, and the d of its curve -x² + y² = 1 + d x² y² (RFC 8032, 5.1). */
const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

const SSH_KEY = /^ssh-ed25519 ([A-Za-z0-9+/]+={0,2})(?: .*)?$/;
const SSH_PREFIX = "0000000b7373682d6564323535313900000020";

/**
 * Reads a public key: 64 hex digits, or a line of OpenSSH's (`ssh-ed25519 AAAA… comment`).
 *
 * @throws ImmuconfigError `ERR_VALUE` for what is no Ed25519 key, a point that is not on the curve,
 * one in a second spelling, or one of small order
 */
export function readPublicKey(text: string): Uint8Array {
  const line = text.trim();
  const bytes = parsePublicKey(SSH_KEY.test(line) ? sshKeyHex(line) : line);
  const y = yOf(bytes);
  if (y >= P) throw notAKey("its number is not below the field's prime");
  const square = (((y * y - 1n + P) % P) * power((D * y * y + 1n) % P, P - 2n)) % P;
  if (square !== 0n && power(square, (P - 1n) / 2n) !== 1n) {
    throw notAKey("it is no point of the curve");
  }
  return bytes;
}

function sshKeyHex(line: string): string {
  const hex = Buffer.from(SSH_KEY.exec(line)?.[1] ?? "", "base64").toString("hex");
  if (!hex.startsWith(SSH_PREFIX)) throw notAKey("its SSH form is broken");
  return hex.slice(SSH_PREFIX.length);
}

function yOf(bytes: Uint8Array): bigint {
  const last = PUBLIC_KEY_SIZE - 1;
  const plain = bytes.map((byte, i) => (i === last ? byte & 0x7f : byte));
  return BigInt(`0x${hexBytes(plain.toReversed())}`);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % P;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function notAKey(why: string): Error {
  return valueError(`this is no Ed25519 public key: ${why}`, "Copy it again from its owner.");
}
