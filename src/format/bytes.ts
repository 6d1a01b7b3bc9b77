/** Little-endian reads and writes, and the few conversions the codec needs. */

import { type Crc64, readInt32 } from "../hash.ts";

/** The caller has checked that `offset` is inside `bytes`. */
export function readUint8(bytes: Uint8Array, offset: number): number {
  return bytes[offset] as number;
}

/** Unsigned. */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8);
}

export function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
}

export function readUint32(bytes: Uint8Array, offset: number): number {
  return readInt32(bytes, offset) >>> 0;
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

export function readCrc64(bytes: Uint8Array, offset: number): Crc64 {
  return { low: readUint32(bytes, offset), high: readUint32(bytes, offset + 4) };
}

export function writeCrc64(bytes: Uint8Array, offset: number, crc: Crc64): void {
  writeUint32(bytes, offset, crc.low);
  writeUint32(bytes, offset + 4, crc.high);
}

export function equalCrc64(a: Crc64, b: Crc64): boolean {
  return a.low === b.low && a.high === b.high;
}

/** 8 lower-case hex digits. */
export function hex32(value: number): string {
  return value.toString(16).padStart(8, "0");
}

/** 16 lower-case hex digits, the most significant first. */
export function hexCrc64(crc: Crc64): string {
  return hex32(crc.high) + hex32(crc.low);
}

export function hexBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    text += (byte < 16 ? "0" : "") + byte.toString(16);
  }
  return text;
}

/** @returns undefined unless `text` is an even number of lower-case hex digits */
export function parseHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Orders byte strings as unsigned numbers, the first byte first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The offset of the first byte that is not zero, or -1. */
export function findNonZero(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return i;
  return -1;
}

/**
 * One character a byte, of some hundred at most: the caller has checked that they are ASCII, or checks the result.
 * In one call: a loop over them is what the engine would optimize first, in a thread more, while a command ends.
 */
export function readAscii(bytes: Uint8Array, start: number, end: number): string {
  const codes: ArrayLike<number> = bytes.subarray(start, end);
  return Reflect.apply(String.fromCharCode, null, codes);
}
