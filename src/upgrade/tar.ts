import { ImmuconfigError } from "../base/errors.ts";

const BLOCK_SIZE = 512;
/** Blocks of zeros at the end: two by the format, and what writers fill their last record with. */
const ZERO_BLOCKS_MAX = 2048;
const KINDS: Record<string, string> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a device",
  "4": "a device",
  "5": "a folder",
  "6": "a pipe",
  x: "an extended header",
  g: "an extended header",
  L: "a long name",
  K: "a long name",
};

/** What an archive may hold. */
export interface TarRules {
  /** The path of the one file that is taken out. */
  member: string;
  /** Paths that may be there too and are passed over. */
  documents: ReadonlySet<string>;
  /** Bytes of the member. */
  memberSizeMax: number;
  /** Bytes of the documents, together. */
  documentsSizeMax: number;
  /** Takes the member's bytes, in order. */
  write: (bytes: Uint8Array) => void;
}

/**
 * Reads a tar archive as it streams by, and hands out the bytes of one member. Only plain ustar
 * files under known names are accepted: what an archive could do besides (links, folders, devices,
 * long names) has no place in a release.
 *
 * @example
 * const reader = new TarReader({ member: "package/bin/bun", documents: new Set(), … });
 * for await (const chunk of stream) reader.push(chunk);
 * const { size } = reader.end();
 */
export class TarReader {
  readonly #rules: TarRules;
  readonly #header = new Uint8Array(BLOCK_SIZE);
  readonly #seen = new Set<string>();
  #headerFilled = 0;
  #entryLeft = 0;
  #paddingLeft = 0;
  #inMember = false;
  #memberSize: number | undefined;
  #documentsSize = 0;
  #zeroBlocks = 0;

  constructor(rules: TarRules) {
    this.#rules = rules;
  }

  /** @throws ImmuconfigError `ERR_ARCHIVE` at the first byte that breaks a rule. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#entryLeft > 0) {
        const taken = Math.min(this.#entryLeft, chunk.length - at);
        if (this.#inMember) this.#rules.write(chunk.subarray(at, at + taken));
        this.#entryLeft -= taken;
        at += taken;
      } else if (this.#paddingLeft > 0) {
        const taken = Math.min(this.#paddingLeft, chunk.length - at);
        this.#paddingLeft -= taken;
        at += taken;
      } else {
        const taken = Math.min(BLOCK_SIZE - this.#headerFilled, chunk.length - at);
        this.#header.set(chunk.subarray(at, at + taken), this.#headerFilled);
        this.#headerFilled += taken;
        at += taken;
        if (this.#headerFilled === BLOCK_SIZE) this.#readHeader();
      }
    }
  }

  /**
   * Ends the archive.
   *
   * @returns the member's size in bytes
   * @throws ImmuconfigError `ERR_ARCHIVE` when it ended too early or lacks the member
   */
  end(): { size: number } {
    if (this.#entryLeft > 0 || this.#headerFilled > 0 || this.#zeroBlocks < 2) {
      throw archiveError("it ends in the middle");
    }
    if (this.#memberSize === undefined) throw archiveError(`it has no ${this.#rules.member}`);
    return { size: this.#memberSize };
  }

  #readHeader(): void {
    this.#headerFilled = 0;
    const header = this.#header;
    if (header.every((byte) => byte === 0)) {
      this.#zeroBlocks += 1;
      if (this.#zeroBlocks > ZERO_BLOCKS_MAX) throw archiveError("zeros without end follow it");
      return;
    }
    if (this.#zeroBlocks > 0) throw archiveError("something follows its end");
    checkHeader(header);
    const path = pathOf(header);
    checkPath(path);
    const kind = String.fromCodePoint(header[156] ?? 0);
    if (kind !== "0" && kind !== "\0") {
      throw archiveError(`${path} is ${KINDS[kind] ?? "of an unknown kind"}, not a file`);
    }
    if (text(header, 157, 100) !== "") throw archiveError(`${path} has a link's target`);
    const size = octal(header, 124, 12, `the size of ${path}`);
    if (this.#seen.has(path)) throw archiveError(`${path} is there twice`);
    this.#seen.add(path);
    this.#admit(path, size);
    this.#entryLeft = size;
    this.#paddingLeft = (BLOCK_SIZE - (size % BLOCK_SIZE)) % BLOCK_SIZE;
  }

  #admit(path: string, size: number): void {
    const { member, documents, memberSizeMax, documentsSizeMax } = this.#rules;
    this.#inMember = path === member;
    if (this.#inMember) {
      if (size > memberSizeMax) throw archiveError(`${path} has more than ${memberSizeMax} bytes`);
      this.#memberSize = size;
      return;
    }
    if (!documents.has(path)) throw archiveError(`it has an extra file: ${path}`);
    this.#documentsSize += size;
    if (this.#documentsSize > documentsSizeMax) {
      throw archiveError(`its documents have more than ${documentsSizeMax} bytes`);
    }
  }
}

function checkHeader(header: Uint8Array): void {
  if (text(header, 257, 6) !== "ustar" || text(header, 263, 2) !== "00") {
    throw archiveError("it is no ustar archive");
  }
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 32 : byte;
  if (octal(header, 148, 8, "a checksum") !== sum)
    throw archiveError("a header's checksum is wrong");
}

function pathOf(header: Uint8Array): string {
  const prefix = text(header, 345, 155);
  const name = text(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

function checkPath(path: string): void {
  const shown = JSON.stringify(path);
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) {
    throw archiveError(`it has an absolute path: ${shown}`);
  }
  if (path.split(/[/\\]/).includes("..")) {
    throw archiveError(`it has a path that leaves the archive: ${shown}`);
  }
  if (!/^[\x21-\x7e]+$/.test(path)) throw archiveError(`it has a path of odd characters: ${shown}`);
}

/** A field of bytes up to its first NUL. */
function text(header: Uint8Array, offset: number, size: number): string {
  const field = header.subarray(offset, offset + size);
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end)).toString("latin1");
}

function octal(header: Uint8Array, offset: number, size: number, what: string): number {
  const digits = text(header, offset, size).trim();
  if (!/^[0-7]{1,11}$/.test(digits)) throw archiveError(`${what} is no octal number`);
  return Number.parseInt(digits, 8);
}

/** An archive that is not a release (code `ERR_ARCHIVE`). */
export function archiveError(what: string, cause?: unknown): ImmuconfigError {
  return new ImmuconfigError("ERR_ARCHIVE", `the release's archive is refused: ${what}`, {
    hint: "Nothing was installed. A release holds one program, package.json, README and LICENSE.",
    cause,
  });
}
