/** Waits between tries that double, each at random: who lost a server at once does not come back at once. */

export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  #ms: number;

  /**
   * @param minMs milliseconds of the first wait, on average
   * @param maxMs milliseconds of a wait at most, on average
   */
  constructor(minMs: number, maxMs: number) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#ms = minMs;
  }

  /** @returns milliseconds before the next try: from half to one and a half of their average */
  next(): number {
    const ms = this.#ms * (0.5 + Math.random());
    this.#ms = Math.min(2 * this.#ms, this.#maxMs);
    return ms;
  }

  /** What was tried has worked: the next wait is the first again. */
  reset(): void {
    this.#ms = this.#minMs;
  }
}
