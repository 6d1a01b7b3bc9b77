/**
 * The two hashes of the record, in plain 32-bit arithmetic: no BigInt, no allocation beyond the
 * result.
 */

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
    h ^= mixBlock(readUint32(bytes, i));
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = length - 1; i >= blocksEnd; i--) tail = (tail << 8) | byteAt(bytes, i);
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

/** Bytes taken in one step of the main loop. */
const SLICE = 8;

/**
 * `TABLE_x[256 * s + b]` is the effect of byte `b` followed by `s` zero bytes. Signed, because a
 * JIT keeps signed 32-bit values in integer registers.
 */
const TABLE_LOW = new Int32Array(256 * SLICE);
const TABLE_HIGH = new Int32Array(256 * SLICE);

for (let byte = 0; byte < 256; byte++) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry === 1) {
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
  }
  TABLE_LOW[byte] = low;
  TABLE_HIGH[byte] = high;
}
for (let i = 256; i < 256 * SLICE; i++) {
  const low = tableEntry(TABLE_LOW, i - 256);
  const high = tableEntry(TABLE_HIGH, i - 256);
  TABLE_LOW[i] = ((low >>> 8) | (high << 24)) ^ tableEntry(TABLE_LOW, low & 0xff);
  TABLE_HIGH[i] = (high >>> 8) ^ tableEntry(TABLE_HIGH, low & 0xff);
}

/**
 * CRC-64/XZ, eight bytes a step (slicing-by-8).
 *
 * @param bytes any length
 * @param previous the result for the bytes before these, to go on with it
 * @see https://reveng.sourceforge.io/crc-catalogue/all.htm#crc.cat.crc-64-xz
 * @see M. E. Kounavis, F. L. Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC
 * Generation", IEEE Transactions on Computers 57(11), 2008
 */
export function crc64(bytes: Uint8Array, previous?: Crc64): Crc64 {
  let low = previous === undefined ? -1 : ~previous.low;
  let high = previous === undefined ? -1 : ~previous.high;
  const { length } = bytes;
  const L = TABLE_LOW;
  const H = TABLE_HIGH;
  let i = 0;
  for (; i + SLICE <= length; i += SLICE) {
    const a = low ^ readUint32(bytes, i);
    const b = high ^ readUint32(bytes, i + 4);
    const i7 = 1792 + (a & 0xff);
    const i6 = 1536 + ((a >>> 8) & 0xff);
    const i5 = 1280 + ((a >>> 16) & 0xff);
    const i4 = 1024 + (a >>> 24);
    const i3 = 768 + (b & 0xff);
    const i2 = 512 + ((b >>> 8) & 0xff);
    const i1 = 256 + ((b >>> 16) & 0xff);
    const i0 = b >>> 24;
    low =
      tableEntry(L, i7) ^
      tableEntry(L, i6) ^
      tableEntry(L, i5) ^
      tableEntry(L, i4) ^
      tableEntry(L, i3) ^
      tableEntry(L, i2) ^
      tableEntry(L, i1) ^
      tableEntry(L, i0);
    high =
      tableEntry(H, i7) ^
      tableEntry(H, i6) ^
      tableEntry(H, i5) ^
      tableEntry(H, i4) ^
      tableEntry(H, i3) ^
      tableEntry(H, i2) ^
      tableEntry(H, i1) ^
      tableEntry(H, i0);
  }
  for (; i < length; i++) {
    const index = (low ^ byteAt(bytes, i)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ tableEntry(L, index);
    high = (high >>> 8) ^ tableEntry(H, index);
  }
  return { low: ~low >>> 0, high: ~high >>> 0 };
}

// The indices below are in range by construction; the casts cost nothing, where `?? 0` would
// cost a branch a byte.
function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function tableEntry(table: Int32Array, index: number): number {
  return table[index] as number;
}

function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    byteAt(bytes, offset) |
    (byteAt(bytes, offset + 1) << 8) |
    (byteAt(bytes, offset + 2) << 16) |
    (byteAt(bytes, offset + 3) << 24)
  );
}
