/** Through which a reading process tells a writing one when it saw a change, in shared memory. */

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SIZE = 4096;
const COUNT = 0;
const READY = 1;
/** Index of the time among the 64-bit words. */
const TIME = 1;
/** In a cache line of its own: of no other word's changes does its reader hear. */
const BARE = 64;
const WORDS = BARE + 1;

export class SeenFile {
  readonly #words: Int32Array;
  readonly #times: Float64Array;

  /** @param name of several in the folder */
  constructor(folder: string, name = "seen") {
    const path = join(folder, name);
    if (!existsSync(path)) writeFileSync(path, new Uint8Array(SIZE));
    const { buffer } = Bun.mmap(path, { shared: true });
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#times = new Float64Array(buffer, 0, 2);
  }

  /** How many changes were seen. */
  get count(): number {
    return Atomics.load(this.#words, COUNT);
  }

  /** When the last one was seen, nanoseconds of the monotonic clock. */
  get timeNs(): number {
    return this.#times[TIME] ?? Number.NaN;
  }

  set isReady(ready: boolean) {
    Atomics.store(this.#words, READY, ready ? 1 : 0);
  }

  get isReady(): boolean {
    return Atomics.load(this.#words, READY) === 1;
  }

  /** A word that means nothing: what the machine needs to show one process another's store. */
  get bare(): number {
    return Atomics.load(this.#words, BARE);
  }

  set bare(value: number) {
    Atomics.store(this.#words, BARE, value);
  }

  note(timeNs: number): void {
    this.#times[TIME] = timeNs;
    Atomics.add(this.#words, COUNT, 1);
  }
}
