/** What hosts say of themselves, handed upwards as a sample: the newest of each, so many a second. */

import type { HostStatus, Transport } from "../../agent/transport.ts";

/** Milliseconds between two turns. */
const TURN_MS = 1000;
/** Reports in one turn. */
const TURN_COUNT = 20;
interface Waiting {
  readonly status: HostStatus;
  /** When it came, by `performance.now`. */
  readonly came: number;
}

/** Hosts whose report may wait; the one that waits longest goes for a new one. */
const WAITING_COUNT_MAX = 10_000;

export class HostReports {
  readonly #transport: Transport;
  readonly #waiting = new Map<string, Waiting>();
  readonly #timer = setInterval(() => void this.#send(), TURN_MS);
  #isSending = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  take(status: HostStatus): void {
    // Its turn stays where it was.
    this.#waiting.set(status.host, { status, came: performance.now() });
    const oldest = this.#waiting.keys().next();
    if (this.#waiting.size > WAITING_COUNT_MAX && oldest.done !== true) {
      this.#waiting.delete(oldest.value);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (const [host, waiting] of [...this.#waiting].slice(0, TURN_COUNT)) {
      const isSent = await this.#transport.report(asOfNow(waiting)).then(
        () => true,
        () => false,
      );
      const newest = this.#waiting.get(host);
      this.#waiting.delete(host);
      if (newest !== undefined && (!isSent || newest !== waiting)) this.#waiting.set(host, newest);
      // Nobody is there, or this one is not taken: the others come before it in the next turn.
      if (!isSent) break;
    }
    this.#isSending = false;
  }
}

/** The time that it waited here is none that the host took for the set. */
function asOfNow({ status, came }: Waiting): HostStatus {
  const { heldMs } = status;
  if (heldMs === null) return status;
  return { ...status, heldMs: Math.round(heldMs + performance.now() - came) };
}
