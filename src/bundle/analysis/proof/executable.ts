/** The program inside an executable of `--compile`, as bytes and as texts. */

import { ImmuconfigError } from "../../../base/errors.ts";
import { systemCode } from "../../../base/fs_errors.ts";
import { BUN_TESTED } from "../../build/bundler.ts";

/** Bun ends what it puts into an executable with this; the size stands in front of it. */
const TRAILER = Buffer.from("\n---- Bun! ----\n");
const OFFSETS_SIZE = 32;
/** Behind the trailer stands only padding. */
const PADDING_MAX = 1 << 20;

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** Bytes that all compressed parts may unpack to: many times the sources of a large program. */
const UNPACKED_SIZE_MAX = 128 * 1024 * 1024;

/** A text of an executable. */
interface EmbeddedText {
  /** Bytes from the start of the file to its first. */
  readonly offset: number;
  /** Bytes as characters, one each; a decompressed source map has no bytes of its own. */
  readonly text: string;
  readonly isSourceMap: boolean;
}

interface ExecutableTexts {
  readonly texts: readonly EmbeddedText[];
  /** Compressed parts that were left, for want of room. */
  readonly unreadCount: number;
}

export function isExecutable(bytes: Buffer): boolean {
  return bytes.lastIndexOf(TRAILER) >= Math.max(0, bytes.length - PADDING_MAX);
}

/**
 * The bundle of an executable, and the sources that its map holds compressed.
 *
 * @throws ImmuconfigError `ERR_BUNDLER` when the program is not where Bun 1.4 puts it
 */
export function readExecutable(bytes: Buffer): ExecutableTexts {
  const trailer = bytes.lastIndexOf(TRAILER);
  const end = trailer - OFFSETS_SIZE;
  const size = end < 0 ? -1 : Number(bytes.readBigUInt64LE(end));
  const start = end - size;
  if (size <= 0 || start < 0) {
    throw new ImmuconfigError("ERR_BUNDLER", "there is no program in the executable", {
      hint: `Build it with Bun ${BUN_TESTED}.`,
    });
  }
  const program = bytes.subarray(start, end);
  const texts: EmbeddedText[] = [
    { offset: start, text: program.toString("latin1"), isSourceMap: false },
  ];
  let room = UNPACKED_SIZE_MAX;
  let unreadCount = 0;
  let at = program.indexOf(ZSTD_MAGIC);
  while (at !== -1) {
    const frame = zstdFrameSize(program, at);
    const unpacked =
      frame === undefined ? undefined : unpack(program.subarray(at, at + frame), room);
    if (unpacked === "too large") unreadCount++;
    else if (unpacked !== undefined) {
      room -= unpacked.length;
      texts.push({ offset: start + at, text: unpacked.toString(), isSourceMap: true });
    }
    // What stands in a frame is no frame.
    const skipped = unpacked === undefined ? ZSTD_MAGIC.length : (frame ?? ZSTD_MAGIC.length);
    at = program.indexOf(ZSTD_MAGIC, at + skipped);
  }
  return { texts, unreadCount };
}

/** @returns nothing for four bytes of something else that look like the start of a frame */
function unpack(frame: Buffer, room: number): Buffer | "too large" | undefined {
  if (room === 0) return "too large";
  try {
    // Node 20 has no such function, and no such executables.
    const { zstdDecompressSync } = process.getBuiltinModule("node:zlib");
    return zstdDecompressSync(frame, { maxOutputLength: room });
  } catch (error) {
    return systemCode(error) === "ERR_BUFFER_TOO_LARGE" ? "too large" : undefined;
  }
}

const BLOCK_RLE = 1;

/**
 * How many bytes a frame takes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1
 */
function zstdFrameSize(bytes: Buffer, start: number): number | undefined {
  if (bytes.length < start + 6) return undefined;
  const descriptor = bytes.readUInt8(start + 4);
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionarySize = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = start + 5 + (isSingle ? 0 : 1) + dictionarySize + contentSize;
  for (;;) {
    if (at + 3 > bytes.length) return undefined;
    const header = bytes.readUIntLE(at, 3);
    at += 3 + (((header >> 1) & 3) === BLOCK_RLE ? 1 : header >> 3);
    if ((header & 1) === 1) break;
  }
  const hasChecksum = (descriptor & 4) !== 0;
  return at + (hasChecksum ? 4 : 0) - start;
}
