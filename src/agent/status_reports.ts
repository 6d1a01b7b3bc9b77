/**
 * Tells the control plane how far a host is: the newest state alone, and the hosts of a fleet one after
 * the other, though a change reaches all at once.
 */

/** Milliseconds within which the first report goes, and each later one. */
const FIRST_MS = 1000;
export const REPORTED_MS = 10_000;

export class StatusReports {
  readonly #send: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #spreadMs = FIRST_MS;

  /** @param send of how far the host is then */
  constructor(send: () => Promise<void>) {
    this.#send = send;
  }

  /** There is something to tell. */
  tell(): void {
    this.#timer ??= setTimeout(() => void this.#sendNow(), Math.random() * this.#spreadMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #sendNow(): Promise<void> {
    this.#timer = undefined;
    // One that is lost is made up for by the next.
    const isSent = await this.#send().then(
      () => true,
      () => false,
    );
    if (isSent) this.#spreadMs = REPORTED_MS;
  }
}
