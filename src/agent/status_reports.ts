/**
 * Tells the control plane how far a host is: the newest state alone, and the hosts of a fleet one after
 * the other, though a change reaches all at once.
 */

import type { HostStatus } from "./transport.ts";

/** Milliseconds within which the first report goes, and each later one. */
const FIRST_MS = 1000;
export const REPORTED_MS = 10_000;

export class StatusReports {
  readonly #send: (status: HostStatus) => Promise<void>;
  #status: (() => HostStatus) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #spreadMs = FIRST_MS;

  constructor(send: (status: HostStatus) => Promise<void>) {
    this.#send = send;
  }

  /** @param status asked when it is sent */
  tell(status: () => HostStatus): void {
    this.#status = status;
    this.#timer ??= setTimeout(() => void this.#sendNow(), Math.random() * this.#spreadMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #sendNow(): Promise<void> {
    this.#timer = undefined;
    const status = this.#status;
    if (status === undefined) return;
    // One that is lost is made up for by the next.
    const isSent = await this.#send(status()).then(
      () => true,
      () => false,
    );
    if (isSent) this.#spreadMs = REPORTED_MS;
  }
}
