/** Which C library a program was made for. */

import { readUpTo } from "../base/read_file.ts";

/** Bytes: the header, the program headers and the interpreter's path stand at the beginning. */
const HEAD_SIZE = 64 * 1024;
const ELF_64_LITTLE = "7f454c460201";
const PROGRAM_HEADER_SIZE = 56;
const PT_INTERP = 3;

/**
 * The loader that an ELF program names, such as `/lib64/ld-linux-x86-64.so.2`. What else is installed
 * on a machine says nothing: Debian's package `musl` puts musl's loader beside glibc's.
 *
 * @returns undefined for a program without one, and for what is no ELF program
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`
 */
export function interpreterOf(path: string): string | undefined {
  const head = Buffer.from(readUpTo(path, HEAD_SIZE));
  if (head.toString("hex", 0, 6) !== ELF_64_LITTLE || head.length < 64) return undefined;
  const start = Number(head.readBigUInt64LE(32));
  const count = head.readUInt16LE(56);
  for (let index = 0; index < count; index++) {
    const at = start + index * PROGRAM_HEADER_SIZE;
    if (at + PROGRAM_HEADER_SIZE > head.length) return undefined;
    if (head.readUInt32LE(at) !== PT_INTERP) continue;
    const from = Number(head.readBigUInt64LE(at + 8));
    const size = Number(head.readBigUInt64LE(at + 32));
    if (from + size > head.length) return undefined;
    return head.toString("latin1", from, from + size).replace(/\0.*$/s, "");
  }
  return undefined;
}
