/** The least that the system asks for: what durable writes cannot go below. */

import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** A new file that survives a power cut. */
export function createDurably(folder: string, path: string, bytes: Uint8Array): void {
  const temporary = join(folder, ".bare.new");
  const descriptor = openSync(temporary, "wx");
  writeSync(descriptor, bytes);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(temporary, path);
  const parent = openSync(folder, "r");
  fsyncSync(parent);
  closeSync(parent);
}

/** Bytes written in place into an open file, and on the disk when it returns. */
export function writeInPlace(descriptor: number, bytes: Uint8Array, offset: number): void {
  writeSync(descriptor, bytes, 0, bytes.length, offset);
  fdatasyncSync(descriptor);
}

export function byteAt(path: string, offset: number): number | undefined {
  return readFileSync(path)[offset];
}
