/**
 * Tasks for one thread, in memory that both sides share: one side writes, the other reads, and neither
 * waits for the other as long as there is room. A task is an id, a kind and bytes.
 */

/** 32-bit cells before the data: how many bytes were written, and how many were read, since the start. */
const WRITTEN = 0;
const READ = 1;
/** Bytes before the data: each cell in a cache line of its own would cost more than it saves here. */
const HEAD_SIZE = 64;
/** Of a task: its length, id and kind. */
const TASK_HEAD_SIZE = 12;
/** In place of a length: the next task stands at the beginning of the data. */
const WRAP = -1;
/** Up to this many bytes are copied one by one, which is quicker than one call. */
const SMALL_SIZE = 32;

export interface Task {
  readonly id: number;
  readonly kind: number;
  /** Good until the next task is taken. */
  readonly payload: Uint8Array;
}

/** @param size bytes of data: a power of two */
export function createRing(size: number): SharedArrayBuffer {
  if (size < 64 || (size & (size - 1)) !== 0) throw new RangeError(`${size} is no power of two`);
  return new SharedArrayBuffer(HEAD_SIZE + size);
}

class RingEnd {
  protected readonly cells: Int32Array;
  protected readonly words: Int32Array;
  protected readonly bytes: Uint8Array;
  protected readonly size: number;

  constructor(shared: SharedArrayBuffer) {
    this.cells = new Int32Array(shared, 0, HEAD_SIZE / 4);
    this.words = new Int32Array(shared, HEAD_SIZE);
    this.bytes = new Uint8Array(shared, HEAD_SIZE);
    this.size = this.bytes.byteLength;
  }
}

export class RingWriter extends RingEnd {
  #written = 0;
  #read = 0;

  /** Bytes that a task may have: one that wraps needs room twice. */
  get payloadMax(): number {
    return this.size / 2 - TASK_HEAD_SIZE;
  }

  /**
   * Writes a task, which the reader sees after `publish`.
   *
   * @returns whether there was room
   * @throws RangeError for a payload that can never have room
   */
  put(id: number, kind: number, payload: Uint8Array): boolean {
    const { length } = payload;
    if (length > this.payloadMax) throw new RangeError(`a task has ${length} bytes`);
    const size = (TASK_HEAD_SIZE + length + 3) & ~3;
    let offset = this.#written & (this.size - 1);
    const toEnd = this.size - offset;
    const needed = size <= toEnd ? size : toEnd + size;
    if (!this.#hasRoom(needed)) return false;
    if (size > toEnd) {
      this.words[offset >> 2] = WRAP;
      offset = 0;
    }
    const at = offset >> 2;
    this.words[at] = length;
    this.words[at + 1] = id;
    this.words[at + 2] = kind;
    const start = offset + TASK_HEAD_SIZE;
    if (length > SMALL_SIZE) this.bytes.set(payload, start);
    else for (let i = 0; i < length; i++) this.bytes[start + i] = payload[i] as number;
    this.#written = (this.#written + needed) | 0;
    return true;
  }

  /** Shows the reader what was put since the last time, and wakes it. */
  publish(): void {
    Atomics.store(this.cells, WRITTEN, this.#written);
    Atomics.notify(this.cells, WRITTEN, 1);
  }

  #hasRoom(needed: number): boolean {
    // The differences are right also when the counts have run past 32 bits.
    if (((this.#written + needed - this.#read) | 0) <= this.size) return true;
    this.#read = Atomics.load(this.cells, READ);
    return ((this.#written + needed - this.#read) | 0) <= this.size;
  }
}

export class RingReader extends RingEnd {
  #read = 0;
  /** Of the task that was taken last: its room is free when the next one is asked for. */
  #taken = 0;

  /**
   * The next task.
   *
   * @param timeoutMs milliseconds to wait for one
   */
  take(timeoutMs: number): Task | undefined {
    if (this.#taken !== 0) {
      this.#read = (this.#read + this.#taken) | 0;
      this.#taken = 0;
      Atomics.store(this.cells, READ, this.#read);
    }
    if (Atomics.load(this.cells, WRITTEN) === this.#read) {
      Atomics.wait(this.cells, WRITTEN, this.#read, timeoutMs);
      if (Atomics.load(this.cells, WRITTEN) === this.#read) return undefined;
    }
    let offset = this.#read & (this.size - 1);
    let skipped = 0;
    if (this.words[offset >> 2] === WRAP) {
      skipped = this.size - offset;
      offset = 0;
    }
    const at = offset >> 2;
    const [length = 0, id = 0, kind = 0] = this.words.subarray(at, at + 3);
    const start = offset + TASK_HEAD_SIZE;
    this.#taken = skipped + ((TASK_HEAD_SIZE + length + 3) & ~3);
    return { id, kind, payload: this.bytes.subarray(start, start + length) };
  }
}
