/**
 * What all copies of this package in one process share: every entry point is a bundle of its own,
 * and a program may have loaded two of them.
 */

export interface ProcessState {
  /** `IMMUCONFIG_PIN` as this process inherited it, once it has set its own for its children. */
  inheritedPin?: { readonly value: string | undefined };
  /** `Bun.spawn` and `Worker` hand on the environment as it is. */
  handsOnEnvironment?: true;
  /** Who gave the record of this process: the library (fast_read.ts), or the store and the codec. */
  firstRead?: "native" | "store";
  /** The same of its live view (src/live/fast_open.ts). */
  firstLive?: "native" | "store";
}

const KEY = Symbol.for("immuconfig.process");

export function processState(): ProcessState {
  return ((globalThis as { [KEY]?: ProcessState })[KEY] ??= {});
}
