/** The program inside an executable of `--compile`, as bytes and as texts. */

import { zstdDecompressSync } from "node:zlib";
import { ImmuconfigError } from "../../../base/errors.ts";

/** Bun ends what it puts into an executable with this; the size stands in front of it. */
const TRAILER = Buffer.from("\n---- Bun! ----\n");
const OFFSETS_SIZE = 32;
/** Behind the trailer stands only padding. */
const PADDING_MAX = 1 << 20;

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const SOURCE_SIZE_MAX = 64 * 1024 * 1024;

/** A text of an executable. */
export interface EmbeddedText {
  /** Bytes from the start of the file to its first. */
  readonly offset: number;
  /** Bytes as characters, one each; a decompressed source map has no bytes of its own. */
  readonly text: string;
  readonly isSourceMap: boolean;
}

export function isExecutable(bytes: Buffer): boolean {
  return bytes.lastIndexOf(TRAILER) >= Math.max(0, bytes.length - PADDING_MAX);
}

/**
 * The bundle of an executable, and the sources that its map holds compressed.
 *
 * @throws ImmuconfigError `ERR_BUNDLER` when the program is not where Bun 1.4 puts it
 */
export function embeddedTexts(bytes: Buffer): EmbeddedText[] {
  const trailer = bytes.lastIndexOf(TRAILER);
  const end = trailer - OFFSETS_SIZE;
  const size = end < 0 ? -1 : Number(bytes.readBigUInt64LE(end));
  const start = end - size;
  if (size <= 0 || start < 0) {
    throw new ImmuconfigError("ERR_BUNDLER", "there is no program in the executable", {
      hint: "Build it with Bun 1.4.5.",
    });
  }
  const program = bytes.subarray(start, end);
  const texts: EmbeddedText[] = [
    { offset: start, text: program.toString("latin1"), isSourceMap: false },
  ];
  let at = program.indexOf(ZSTD_MAGIC);
  while (at !== -1) {
    const text = decompress(program.subarray(at));
    if (text !== undefined) texts.push({ offset: start + at, text, isSourceMap: true });
    at = program.indexOf(ZSTD_MAGIC, at + ZSTD_MAGIC.length);
  }
  return texts;
}

function decompress(bytes: Buffer): string | undefined {
  const size = zstdFrameSize(bytes);
  if (size === undefined) return undefined;
  try {
    return zstdDecompressSync(bytes.subarray(0, size), {
      maxOutputLength: SOURCE_SIZE_MAX,
    }).toString();
  } catch {
    // Four bytes of something else that look like the start of a frame.
    return undefined;
  }
}

const BLOCK_RLE = 1;

/**
 * How many bytes a frame takes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1
 */
function zstdFrameSize(bytes: Buffer): number | undefined {
  if (bytes.length < 6) return undefined;
  const descriptor = bytes.readUInt8(4);
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionarySize = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = 5 + (isSingle ? 0 : 1) + dictionarySize + contentSize;
  for (;;) {
    if (at + 3 > bytes.length) return undefined;
    const header = bytes.readUIntLE(at, 3);
    at += 3 + (((header >> 1) & 3) === BLOCK_RLE ? 1 : header >> 3);
    if ((header & 1) === 1) break;
  }
  const hasChecksum = (descriptor & 4) !== 0;
  return at + (hasChecksum ? 4 : 0);
}
