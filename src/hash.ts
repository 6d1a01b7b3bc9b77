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

/** Bytes that a step of the wide loop takes. */
const SLICE = 8;
/** Inputs of this many bytes or more are worth the wide tables. */
const WIDE_SIZE_MIN = 2048;

/**
 * Entry `256 * s + b` is the effect of byte `b` followed by `s` zero bytes, as two halves; signed,
 * because a JIT keeps signed 32-bit values in integer registers. Only `s = 0` is filled at first:
 * a program that reads one small file at its start runs all of this in the interpreter.
 */
const TABLE_LOW = new Int32Array(256 * SLICE);
const TABLE_HIGH = new Int32Array(256 * SLICE);
let wideTablesFilled = false;

fillFirstTable();

function fillFirstTable(): void {
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

function fillWideTables(): void {
  for (let i = 256; i < 256 * SLICE; i++) {
    const low = entry(TABLE_LOW, i - 256);
    const high = entry(TABLE_HIGH, i - 256);
    TABLE_LOW[i] = ((low >>> 8) | (high << 24)) ^ entry(TABLE_LOW, low & 0xff);
    TABLE_HIGH[i] = (high >>> 8) ^ entry(TABLE_HIGH, low & 0xff);
  }
  wideTablesFilled = true;
}

/**
 * CRC-64/XZ, a byte a step, or for long inputs eight (slicing-by-8).
 *
 * @param bytes any length
 * @param start of the part that is read, in bytes
 * @param end of that part
 * @param previous the result for the bytes before these, to go on with it
 * @see https://reveng.sourceforge.io/crc-catalogue/all.htm#crc.cat.crc-64-xz
 * @see M. E. Kounavis, F. L. Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC
 * Generation", IEEE Transactions on Computers 57(11), 2008
 */
export function crc64(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  previous?: Crc64,
): Crc64 {
  let low = previous === undefined ? -1 : ~previous.low;
  let high = previous === undefined ? -1 : ~previous.high;
  let i = start;
  if (end - start >= WIDE_SIZE_MIN) {
    if (!wideTablesFilled) fillWideTables();
    const L = TABLE_LOW;
    const H = TABLE_HIGH;
    for (; i + SLICE <= end; i += SLICE) {
      const a = low ^ readInt32(bytes, i);
      const b = high ^ readInt32(bytes, i + 4);
      const i7 = 1792 + (a & 0xff);
      const i6 = 1536 + ((a >>> 8) & 0xff);
      const i5 = 1280 + ((a >>> 16) & 0xff);
      const i4 = 1024 + (a >>> 24);
      const i3 = 768 + (b & 0xff);
      const i2 = 512 + ((b >>> 8) & 0xff);
      const i1 = 256 + ((b >>> 16) & 0xff);
      const i0 = b >>> 24;
      low = entry(L, i7) ^ entry(L, i6) ^ entry(L, i5) ^ entry(L, i4);
      low ^= entry(L, i3) ^ entry(L, i2) ^ entry(L, i1) ^ entry(L, i0);
      high = entry(H, i7) ^ entry(H, i6) ^ entry(H, i5) ^ entry(H, i4);
      high ^= entry(H, i3) ^ entry(H, i2) ^ entry(H, i1) ^ entry(H, i0);
    }
  }
  for (; i < end; i++) {
    const index = (low ^ (bytes[i] as number)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (TABLE_LOW[index] as number);
    high = (high >>> 8) ^ (TABLE_HIGH[index] as number);
  }
  return { low: ~low >>> 0, high: ~high >>> 0 };
}

/** For the loops that are only worth it when compiled, where the call is inlined. */
function entry(table: Int32Array, index: number): number {
  return table[index] as number;
}
