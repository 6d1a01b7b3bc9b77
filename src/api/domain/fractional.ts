/**
 * flagd's `fractional` of version 2: which share of 100 %, or of any whole, a key falls into. The same
 * key gets the same variant from every implementation.
 *
 * @see https://flagd.dev/reference/specifications/custom-operations/fractional-operation-spec/
 */

import { bucketOf } from "../../base/bucket.ts";

/** How the log and the views name it: a later version would put keys into other buckets. */
export const FRACTIONAL = "fractional-v2";
/** Of all weights together. */
export const WEIGHT_MAX = 2 ** 31 - 1;

export interface Share {
  readonly variant: string;
  /** A whole number from 0; the variant gets this part of the sum of all. */
  readonly weight: number;
}

/**
 * @param key what is to be distributed: flagd takes the flag's name followed by the targeting key
 * @param shares with a sum from 1 to `WEIGHT_MAX`
 */
export function fractional(key: string, shares: readonly Share[]): string {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  const bucket = bucketOf(key, total);
  let end = 0;
  for (const { variant, weight } of shares) {
    end += weight;
    if (bucket < end) return variant;
  }
  throw new RangeError(`the weights of ${JSON.stringify(shares)} have no sum to take a part of`);
}
