/** The newest record files, decoded once, beside the bytes that are served. */

import { decodeUnverified, type File } from "../format/file.ts";
import type { Store } from "./db/store.ts";
import type { Environment, State } from "./domain/state.ts";

export interface RecordFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly file: File;
}

/** Bytes of files that are kept in memory. */
const KEPT_SIZE_MAX = 64 * 2 ** 20;

export class RecordFiles {
  readonly #store: Store;
  /** By digest; the one used last is the last. */
  readonly #kept = new Map<string, RecordFile>();
  #size = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Reads the newest file of every environment, so that reads go on while the database is away.
   *
   * @throws what the store throws
   */
  async warm({ projects }: State): Promise<void> {
    for (const { environments } of projects.values()) {
      for (const environment of environments.values()) await this.newest(environment);
    }
  }

  /** A file that was just pushed. */
  keep(digest: string, bytes: Uint8Array<ArrayBuffer>, file: File): void {
    if (this.#kept.has(digest)) return;
    this.#kept.set(digest, { bytes, file });
    this.#size += bytes.byteLength;
    for (const [oldest, { bytes: old }] of this.#kept) {
      if (this.#size <= KEPT_SIZE_MAX || oldest === digest) return;
      this.#kept.delete(oldest);
      this.#size -= old.byteLength;
    }
  }

  /** A file that is in memory, as the newest ones nearly always are. */
  use(digest: string): RecordFile | undefined {
    const kept = this.#kept.get(digest);
    if (kept === undefined || this.#size <= KEPT_SIZE_MAX / 2) return kept;
    // Room may be needed: the one used last is to be the last to go.
    this.#kept.delete(digest);
    this.#kept.set(digest, kept);
    return kept;
  }

  /** The newest file, as `use` has it. */
  kept(environment: Environment): RecordFile | undefined {
    const digest = environment.records.at(-1)?.digest;
    return digest === undefined ? undefined : this.use(digest);
  }

  /** @returns nothing where no record was pushed */
  async newest(environment: Environment): Promise<RecordFile | undefined> {
    const digest = environment.records.at(-1)?.digest;
    return digest === undefined ? undefined : this.read(digest);
  }

  /** @throws what the store throws */
  async read(digest: string): Promise<RecordFile | undefined> {
    const kept = this.use(digest);
    if (kept !== undefined) return kept;
    const stored = await this.#store.blob(digest);
    if (stored === undefined) return undefined;
    const bytes = new Uint8Array(stored);
    const file = decodeUnverified(bytes);
    this.keep(digest, bytes, file);
    return { bytes, file };
  }
}
