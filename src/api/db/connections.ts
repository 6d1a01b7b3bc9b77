/**
 * The connections of a database, kept reserved: to take one that is free costs nothing, and to wait for one
 * has an end. Bun's own pool asks its loop each time, and waits for ever in plain queries.
 */

/** What is asked of a connection here. */
interface Connection {
  release(): unknown;
}

interface Waiter<Kept> {
  readonly resolve: (connection: Kept) => void;
  readonly reject: (error: unknown) => void;
}

export class Connections<Kept extends Connection> {
  readonly #open: () => Promise<Kept>;
  readonly #max: number;
  readonly #waitMs: number;
  readonly #idle: Kept[] = [];
  readonly #waiting: Waiter<Kept>[] = [];
  /** Free, taken, and being opened. */
  #count = 0;

  /**
   * @param open gives a connection, or fails in a bounded time
   * @param max connections at once
   * @param waitMs milliseconds that a taker waits for one, at most
   */
  constructor(open: () => Promise<Kept>, max: number, waitMs: number) {
    this.#open = open;
    this.#max = max;
    this.#waitMs = waitMs;
  }

  /**
   * A connection that was used before and is free now; nothing where there is none. Its database may have gone
   * meanwhile.
   */
  takeIdle(): Kept | undefined {
    return this.#idle.pop();
  }

  /** A free connection, a new one, or the next one that is given back. @throws what `open` throws, Error */
  async take(): Promise<Kept> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#count >= this.#max) return this.#wait();
    this.#count++;
    try {
      return await this.#open();
    } catch (error) {
      this.#count--;
      // Nobody else would tell those who wait.
      if (this.#count === 0) for (const { reject } of this.#waiting.splice(0)) reject(error);
      throw error;
    }
  }

  /** One that works, for the next who asks. */
  give(connection: Kept): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#idle.push(connection);
    else waiter.resolve(connection);
  }

  /**
   * One that failed: those that are free have met the same. Who waits keeps their place until one is there: that
   * may be too late for the first of them, and is not for the next.
   */
  drop(connection: Kept): void {
    for (const gone of [connection, ...this.#idle.splice(0)]) {
      this.#count--;
      void gone.release();
    }
    if (this.#waiting.length > 0) {
      this.take().then(
        (opened) => this.give(opened),
        () => undefined,
      );
    }
  }

  /** Gives back those that are free. */
  close(): void {
    for (const connection of this.#idle.splice(0)) void connection.release();
  }

  #wait(): Promise<Kept> {
    const { promise, resolve, reject } = Promise.withResolvers<Kept>();
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      reject(new Error(`no connection was free within ${this.#waitMs} ms`));
    }, this.#waitMs);
    const waiter: Waiter<Kept> = {
      resolve(connection) {
        clearTimeout(timer);
        resolve(connection);
      },
      reject(error) {
        clearTimeout(timer);
        reject(error);
      },
    };
    this.#waiting.push(waiter);
    return promise;
  }
}
