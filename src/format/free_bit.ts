/** Which bit a new flag takes. Pure. */

import { valueError } from "../base/errors.ts";
import { FLAG_COUNT_MAX } from "../base/limits.ts";
import { murmurHash3 } from "../hash.ts";

/** Bits that every record has room for: below this, the search never leaves them. */
const WINDOW_MIN = 32;

/**
 * A free bit. The search starts at a hash of the name, in a window twice as large as the table of
 * flags: two branches that each define a flag seldom meet on one bit, and the bits stay low.
 *
 * @param taken the bits that have a flag, retired ones too, or are on without one
 * @param flagCount how many flags the table has
 * @throws ImmuconfigError `ERR_VALUE` when every bit is taken
 */
export function freeBit(name: string, taken: ReadonlySet<number>, flagCount: number): number {
  const window = Math.min(FLAG_COUNT_MAX, Math.max(WINDOW_MIN, 2 * (flagCount + 1)));
  const start = murmurHash3(new TextEncoder().encode(name)) % window;
  for (let step = 0; step < window; step++) {
    const bit = (start + step) % window;
    if (!taken.has(bit)) return bit;
  }
  for (let bit = window; bit < FLAG_COUNT_MAX; bit++) {
    if (!taken.has(bit)) return bit;
  }
  throw valueError(
    `all ${FLAG_COUNT_MAX} bits are taken`,
    "A retired flag keeps its bit: a bit cannot be used twice.",
  );
}
