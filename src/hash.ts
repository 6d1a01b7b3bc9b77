/**
 * The two hashes of the record, in plain 32-bit arithmetic: no BigInt, no allocation beyond the
 * result.
 */

// Indices are in range by construction: the casts cost nothing, where `?? 0` would cost a branch.

/** Four bytes, little-endian, signed. The caller has checked that they are there. */
export function readInt32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset] as number) |
    ((bytes[offset + 1] as number) << 8) |
    ((bytes[offset + 2] as number) << 16) |
    ((bytes[offset + 3] as number) << 24)
  );
}

function mixBlock(k: number): number {
  k = Math.imul(k, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  return Math.imul(k, 0x1b873593);
}

/**
 * MurmurHash3 x86_32.
 *
 * @param bytes any length
 * @param seed unsigned 32-bit
 * @returns unsigned 32-bit
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function murmurHash3(bytes: Uint8Array, seed = 0): number {
  const { length } = bytes;
  const blocksEnd = length & ~3;
  let h = seed | 0;
  for (let i = 0; i < blocksEnd; i += 4) {
    h ^= mixBlock(readInt32(bytes, i));
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = length - 1; i >= blocksEnd; i--) tail = (tail << 8) | (bytes[i] as number);
  if (blocksEnd !== length) h ^= mixBlock(tail);
  h ^= length;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

/** A 64-bit check value as two unsigned 32-bit halves. */
export interface Crc64 {
  readonly low: number;
  readonly high: number;
}

/** CRC-64/XZ: polynomial 42f0e1eba9ea3693 reflected, initial and final value all ones. */
const POLYNOMIAL_LOW = 0xd7870f42;
const POLYNOMIAL_HIGH = 0xc96c5795;

/** What each byte does to the sum, as two halves; signed, as a JIT keeps such values in integer registers. */
const TABLE_LOW = new Int32Array(256);
const TABLE_HIGH = new Int32Array(256);

fillTable();

function fillTable(): void {
  let low = 1;
  let high = 0;
  for (let bit = 128; bit > 0; bit >>>= 1) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry === 1) {
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
    // The effect of a sum of bits is the sum of their effects.
    for (let byte = 0; byte < 256; byte += 2 * bit) {
      TABLE_LOW[byte + bit] = low ^ (TABLE_LOW[byte] as number);
      TABLE_HIGH[byte + bit] = high ^ (TABLE_HIGH[byte] as number);
    }
  }
}

/**
 * CRC-64/XZ, a byte a step: programs that read one small file at their start run it in the interpreter,
 * where tables for more bytes a step would cost more to fill than they save.
 *
 * @param bytes any length
 * @param start of the part that is read, in bytes
 * @param end of that part
 * @param previous the result for the bytes before these, to go on with it
 * @see https://reveng.sourceforge.io/crc-catalogue/all.htm#crc.cat.crc-64-xz
 */
export function crc64(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  previous?: Crc64,
): Crc64 {
  let low = previous === undefined ? -1 : ~previous.low;
  let high = previous === undefined ? -1 : ~previous.high;
  for (let i = start; i < end; i++) {
    const index = (low ^ (bytes[i] as number)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (TABLE_LOW[index] as number);
    high = (high >>> 8) ^ (TABLE_HIGH[index] as number);
  }
  return { low: ~low >>> 0, high: ~high >>> 0 };
}
