/**
 * Threads for what is heavy. Tasks wait in a bounded queue, go to the thread that has least to do through
 * its ring, and are answered one by one. A thread that dies is replaced, and its tasks are given to
 * another; a task that kills threads again and again fails.
 */

import { ImmuconfigError } from "../../base/errors.ts";
import { TASK, type TaskFailure, type TaskReply } from "./messages.ts";
import { createRing, RingWriter } from "./ring.ts";

/** Bytes of each thread's ring. */
const RING_SIZE = 2 ** 21;
/** Tasks that may wait; more are refused. */
const QUEUE_MAX = 1024;
/** Tasks in one ring: the others wait where every thread can have them. */
const GIVEN_MAX = 8;
/** Threads that a task may have killed before it is given up. */
const DEATHS_MAX = 2;

const NOTHING = new Uint8Array();

interface Waiting {
  readonly id: number;
  readonly kind: number;
  readonly payload: Uint8Array;
  deaths: number;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly ring: RingWriter;
  /** In the order in which they were given. */
  readonly given: Map<number, Waiting>;
}

export class WorkerPool {
  readonly #file: string;
  readonly #count: number;
  readonly #threads: Thread[] = [];
  readonly #queue: Waiting[] = [];
  #lastId = 0;
  #closed = false;

  /**
   * Threads are started when there is a first task.
   *
   * @param file of a thread's program
   * @param count of threads
   */
  constructor(file: string, count: number) {
    this.#file = file;
    this.#count = count;
  }

  /** Tasks that were taken and not answered. */
  get size(): number {
    return this.#threads.reduce((sum, { given }) => sum + given.size, this.#queue.length);
  }

  /** Bytes that a task may have. */
  get payloadMax(): number {
    return RING_SIZE / 2 - 64;
  }

  /**
   * Has a task done.
   *
   * @param signal takes it out of the queue; what a thread is at already, it ends, and nobody is told
   * @returns what it came to; empty of one that only checks
   * @throws ImmuconfigError `ERR_BUSY` when too many wait; what the task throws
   */
  run(kind: number, payload: Uint8Array, signal?: AbortSignal): Promise<string> {
    if (this.#closed) return Promise.reject(new Error("the threads have ended"));
    if (this.#queue.length >= QUEUE_MAX) {
      const hint = "Try again in a moment.";
      return Promise.reject(new ImmuconfigError("ERR_BUSY", "too many tasks wait", { hint }));
    }
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiting = { id: ++this.#lastId, kind, payload, deaths: 0, resolve, reject };
    this.#queue.push(waiting);
    const onAbort = (): void => this.#cancel(waiting, signal);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#give();
    return promise.finally(() => signal?.removeEventListener("abort", onAbort));
  }

  /** Ends the threads; tasks that wait are not done. */
  close(): void {
    this.#closed = true;
    for (const { ring, worker, given } of this.#threads.splice(0)) {
      for (const { reject } of given.values()) reject(new Error("the threads have ended"));
      if (ring.put(0, TASK.stop, NOTHING)) ring.publish();
      else worker.terminate();
    }
    for (const { reject } of this.#queue.splice(0)) reject(new Error("the threads have ended"));
  }

  /** Gives what waits to the threads, as long as they have room. */
  #give(): void {
    while (this.#threads.length < this.#count && this.#queue.length > 0) this.#start();
    const touched = new Set<Thread>();
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const thread = this.#leastBusy();
      if (thread === undefined || !thread.ring.put(next.id, next.kind, next.payload)) break;
      this.#queue.shift();
      thread.given.set(next.id, next);
      touched.add(thread);
    }
    for (const { ring } of touched) ring.publish();
  }

  #leastBusy(): Thread | undefined {
    const [first] = this.#threads.toSorted((a, b) => a.given.size - b.given.size);
    return first !== undefined && first.given.size < GIVEN_MAX ? first : undefined;
  }

  #start(): void {
    const worker = new Worker(this.#file);
    const shared = createRing(RING_SIZE);
    const thread: Thread = { worker, ring: new RingWriter(shared), given: new Map() };
    worker.addEventListener("message", ({ data }: MessageEvent<TaskReply>) => {
      this.#settle(thread, data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#bury(thread);
    });
    worker.addEventListener("close", () => this.#bury(thread));
    // An idle thread keeps no process alive.
    worker.unref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    worker.postMessage(shared);
    this.#threads.push(thread);
  }

  #settle(thread: Thread, { id, answer = "", failure }: TaskReply): void {
    const waiting = thread.given.get(id);
    thread.given.delete(id);
    if (failure === undefined) waiting?.resolve(answer);
    else waiting?.reject(errorOf(failure));
    this.#give();
  }

  /** What a dead thread had is done by others; the first of it is what it died of. */
  #bury(thread: Thread): void {
    const index = this.#threads.indexOf(thread);
    if (index === -1) return;
    this.#threads.splice(index, 1);
    thread.worker.terminate();
    const left = [...thread.given.values()];
    const [suspect] = left;
    if (suspect !== undefined && ++suspect.deaths >= DEATHS_MAX) {
      left.shift();
      suspect.reject(new Error(`${suspect.deaths} threads have died of this task`));
    }
    this.#queue.unshift(...left);
    this.#give();
  }

  #cancel(waiting: Waiting, signal: AbortSignal | undefined): void {
    const index = this.#queue.indexOf(waiting);
    if (index !== -1) this.#queue.splice(index, 1);
    waiting.reject(signal?.reason instanceof Error ? signal.reason : new Error("cancelled"));
  }
}

function errorOf({ message, own }: TaskFailure): Error {
  if (own === undefined) return new Error(message);
  return new ImmuconfigError(own.code, message, { hint: own.hint });
}
