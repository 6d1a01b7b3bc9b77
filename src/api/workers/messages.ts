/** What a pool and its threads say to each other beside the ring. */

import type { ErrorCode } from "../../base/errors.ts";

/** The kinds of tasks. */
export const TASK = { stop: 0, chain: 1, unpack: 2, build: 3, sign: 4 } as const;

export interface TaskReply {
  /** Of the task. */
  readonly id: number;
  /** What it came to; nothing of a task that only checks. */
  readonly answer?: string;
  /** Why it failed; nothing when all is well. */
  readonly failure?: TaskFailure;
}

export interface TaskFailure {
  readonly message: string;
  /** Of an error of ours. */
  readonly own?: { readonly code: ErrorCode; readonly hint: string };
}
