/**
 * What all copies of this package in one process share: every entry point is a bundle of its own,
 * and a program may have loaded two of them.
 */

import type { Environment } from "../base/environment.ts";

export interface ProcessState {
  /** What the process was started with, once that was looked up. */
  start?: Environment;
  /** The variables of the pin as they were before this process set its own. */
  inheritedPin?: Environment;
  /** The pin as this process has set it for its children. */
  ownPin?: { readonly text: string; readonly setters: string };
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
