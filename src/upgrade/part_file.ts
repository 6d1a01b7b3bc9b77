import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { cannotWrite } from "../base/fs_errors.ts";
import { readUpTo } from "../base/read_file.ts";
import { writeAll } from "../store/write_all.ts";

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
const CHUNK_SIZE = 256 * 1024;
const ETAG_SIZE_MAX = 256;

/**
 * The part of a download that has arrived, hashed as it arrives. It stays on the disk when the
 * download breaks off, so that the next one goes on where this one stopped.
 */
export class PartFile {
  readonly path: string;
  readonly #fd: number;
  #hash: Hash = createHash("sha512");
  #size = 0;
  #inherited = 0;

  /**
   * Opens the part at `path`, or starts one.
   *
   * @param sizeMax a part of more bytes than that is thrown away
   * @throws ImmuconfigError `ERR_WRITE` when the file cannot be made
   */
  constructor(path: string, sizeMax: number) {
    this.path = path;
    try {
      this.#fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
    const stats = fstatSync(this.#fd);
    if (!isOursAlone(stats)) {
      closeSync(this.#fd);
      throw cannotWrite(path, "somebody else may write into it", { hint: "Remove it." });
    }
    if (stats.size > sizeMax) this.reset();
    else this.#hashExisting();
    this.#inherited = this.#size;
  }

  /** Bytes that have arrived. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of those that an earlier download had left. */
  get inherited(): number {
    return this.#inherited;
  }

  /** The SHA-512 digest of what has arrived, in base64. */
  get digest(): string {
    return this.#hash.copy().digest("base64");
  }

  /** The server's name for the bytes that it was sending, if it gave one that is reliable. */
  get etag(): string | undefined {
    try {
      const text = Buffer.from(readUpTo(this.#etagPath, ETAG_SIZE_MAX + 1)).toString("latin1");
      return text.length <= ETAG_SIZE_MAX && isStrong(text) ? text : undefined;
    } catch {
      return undefined;
    }
  }

  set etag(text: string | null) {
    rmSync(this.#etagPath, { force: true });
    if (text === null || !isStrong(text) || text.length > ETAG_SIZE_MAX) return;
    try {
      writeFileSync(this.#etagPath, text, { mode: 0o600, flag: "wx" });
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    }
  }

  append(bytes: Uint8Array): void {
    try {
      writeAll(this.#fd, bytes, this.#size);
    } catch (cause) {
      this.discard();
      throw cannotWrite(this.path, cause);
    }
    this.#hash.update(bytes);
    this.#size += bytes.length;
  }

  /** Forgets what has arrived. */
  reset(): void {
    ftruncateSync(this.#fd, 0);
    this.#hash = createHash("sha512");
    this.#size = 0;
    this.#inherited = 0;
    this.etag = null;
  }

  /** Removes the file; its name is gone at once, and nothing can be resumed. */
  discard(): void {
    rmSync(this.path, { force: true });
    rmSync(this.#etagPath, { force: true });
  }

  close(): void {
    closeSync(this.#fd);
  }

  get #etagPath(): string {
    return `${this.path}.etag`;
  }

  #hashExisting(): void {
    const chunk = new Uint8Array(CHUNK_SIZE);
    for (;;) {
      const count = readSync(this.#fd, chunk, 0, chunk.length, this.#size);
      if (count === 0) return;
      this.#hash.update(chunk.subarray(0, count));
      this.#size += count;
    }
  }
}

/** What was checked is unpacked by its name: nobody may change it in between. */
function isOursAlone(stats: Stats): boolean {
  const own = process.geteuid?.() ?? stats.uid;
  return stats.isFile() && stats.nlink === 1 && stats.uid === own;
}

/** A weak ETag (`W/"…"`) does not promise the same bytes. */
function isStrong(etag: string): boolean {
  return /^"[\x21\x23-\x7e]*"$/.test(etag);
}
