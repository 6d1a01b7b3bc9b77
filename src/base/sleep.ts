/** Waiting, without a built-in module. */

import type { StopSignal } from "./stop_signal.ts";

/**
 * @param ms milliseconds
 * @param signals each of which ends the wait early
 */
export function sleep(ms: number, ...signals: readonly (StopSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener("abort", done);
      resolve();
    }
    for (const signal of signals) signal?.addEventListener("abort", done);
    if (signals.some((signal) => signal?.aborted)) done();
  });
}

/** As `sleep`, of the whole thread. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms);
}
