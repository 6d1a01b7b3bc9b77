/**
 * Notices that the other end of a stream is gone where no packet says so: a NAT that forgets a connection, a
 * host that loses its power.
 */

export class Silence {
  readonly #over = new AbortController();
  readonly #reason: () => Error;
  #limit: number;
  /** By `performance.now`. */
  #since = performance.now();
  #isOwn = false;
  #timer: ReturnType<typeof setTimeout>;

  /**
   * @param limit milliseconds until something has to be heard
   * @param reason with which `signal` aborts when nothing was
   */
  constructor(limit: number, reason: () => Error) {
    this.#limit = limit;
    this.#reason = reason;
    this.#timer = setTimeout(() => this.#look(), limit);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Who would hear is busy: until they listen again, the silence is their own. */
  pause(): void {
    this.#isOwn = true;
  }

  /** @param limit milliseconds until something has to be heard again; never less than before */
  listen(limit: number): void {
    this.#limit = limit;
    this.#since = performance.now();
    this.#isOwn = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Sets the timer for what is left, so that nothing is set or cleared for what comes. */
  #look(): void {
    const left = this.#isOwn ? this.#limit : this.#since + this.#limit - performance.now();
    if (left > 0) this.#timer = setTimeout(() => this.#look(), left);
    else this.#over.abort(this.#reason());
  }
}
