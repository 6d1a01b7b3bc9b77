/** Waiting, without a built-in module. */

import type { StopSignal } from "./stop_signal.ts";

/**
 * @param ms milliseconds
 * @param signal ends the wait early
 */
export function sleep(ms: number, signal?: StopSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
    if (signal?.aborted === true) done();
  });
}

/** As `sleep`, of the whole thread. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms);
}
