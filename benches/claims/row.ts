/** What every topic gives: figures of the first description beside what was measured. */

import { type Comparison, timed } from "../support/measure.ts";

export interface ClaimRow {
  /** What the figure is said to be of, and the figure in nanoseconds. */
  readonly claim: string;
  readonly claimNs: number;
  /** One thing that the claim can mean, which was measured. */
  readonly meaning: string;
  readonly floor: string;
  /** The floor is the loop that measures, so that what goes beyond it is the thing itself. */
  readonly floorIsLoop?: boolean;
  readonly result: Comparison;
}

/** How much is measured: little under test. */
export interface Effort {
  /** Measured pairs of subject and floor. */
  readonly pairs: number;
  /** Measured pairs where one takes a millisecond or more. */
  readonly slowPairs: number;
  /** How often one sample does what would be done `large` times. */
  readonly times: (large: number) => number;
}

export const FULL: Effort = { pairs: 41, slowPairs: 31, times: (large) => large };
/** One process of several. */
export const SHARE: Effort = { ...FULL, pairs: 11 };
export const QUICK: Effort = { pairs: 2, slowPairs: 1, times: (large) => Math.min(large, 20) };

export type Verdict = "yes" | "over the loop" | "no";

/** Whether the median keeps the claim; of a read, also whether it does beyond the loop's own time. */
export function verdictOf({ claimNs, floorIsLoop = false, result }: ClaimRow): Verdict {
  if (result.subject <= claimNs) return "yes";
  return floorIsLoop && result.subject - result.floor <= claimNs ? "over the loop" : "no";
}

/** The mean time of one of `count` calls, in nanoseconds. The call itself costs a few of them. */
export function each(count: number, run: () => unknown): () => number {
  return () =>
    timed(() => {
      for (let i = 0; i < count; i++) run();
    }) / count;
}

/** The mean time of one of the `count` rounds of a loop that the callee runs, in nanoseconds. */
export function inside(count: number, loop: (count: number) => unknown): () => number {
  return () => timed(() => void loop(count)) / count;
}

/** The time of one call that takes microseconds or more, in nanoseconds. */
export async function timedOnce(run: () => unknown): Promise<number> {
  const start = Bun.nanoseconds();
  await run();
  return Bun.nanoseconds() - start;
}
