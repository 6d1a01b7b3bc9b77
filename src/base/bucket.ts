/** Which part of a whole a key falls into: the same on every machine, and spread evenly. */

import { murmurHash3 } from "../hash.ts";

const encoder = new TextEncoder();

/**
 * `murmur3_x86_32(key in UTF-8) * total >> 32`, as flagd's `fractional` of version 2 has it.
 *
 * @param total a whole number from 1 to 2^31 - 1
 * @returns a whole number from 0 to `total - 1`
 */
export function bucketOf(key: string, total: number): number {
  const hash = murmurHash3(encoder.encode(key));
  // In two halves: the product has up to 63 bits, a number holds 53.
  const high = (hash >>> 16) * total;
  const low = (hash & 0xffff) * total;
  return Math.floor((high + Math.floor(low / 2 ** 16)) / 2 ** 16);
}
