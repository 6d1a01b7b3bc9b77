/**
 * flagd's `fractional` of version 2: which share of 100 %, or of any whole, a key falls into. The same
 * key gets the same variant from every implementation.
 *
 * @see https://flagd.dev/reference/specifications/custom-operations/fractional-operation-spec/
 */

import { murmurHash3 } from "../../hash.ts";

/** How the log and the views name it: a later version would put keys into other buckets. */
export const FRACTIONAL = "fractional-v2";
/** Of all weights together. */
export const WEIGHT_MAX = 2 ** 31 - 1;

export interface Share {
  readonly variant: string;
  /** A whole number from 0; the variant gets this part of the sum of all. */
  readonly weight: number;
}

const encoder = new TextEncoder();

/**
 * @param key what is to be distributed: flagd takes the flag's name followed by the targeting key
 * @param shares with a sum from 1 to `WEIGHT_MAX`
 */
export function fractional(key: string, shares: readonly Share[]): string {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  const bucket = scale(murmurHash3(encoder.encode(key)), total);
  let end = 0;
  for (const { variant, weight } of shares) {
    end += weight;
    if (bucket < end) return variant;
  }
  throw new RangeError(`the weights of ${JSON.stringify(shares)} have no sum to take a part of`);
}

/** `hash * total >> 32`, in two halves: the product has up to 63 bits, a number holds 53. */
function scale(hash: number, total: number): number {
  const high = (hash >>> 16) * total;
  const low = (hash & 0xffff) * total;
  return Math.floor((high + Math.floor(low / 2 ** 16)) / 2 ** 16);
}
