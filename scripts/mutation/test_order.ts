/** In which order the tests that could notice a change are asked. */

import { basename } from "node:path";

/** What a file is thought to take that was not run yet. */
const UNKNOWN_MS = 2_000;
/** Files of other rooms that are asked before those of the room that do not reach the source. */
const NEAREST = 4;

export interface Known {
  /** Test files that reach the source by their imports, nearest first. */
  readonly near: readonly string[];
  /** All test files of the source's room. */
  readonly room: readonly string[];
  /** Those that are asked in the end, for every room. */
  readonly whole: readonly string[];
  /** Milliseconds that a file took, where it was run. */
  readonly ms: (test: string) => number | undefined;
}

/**
 * The file of the source's name first, then those of its room that reach it, the quick ones before the slow
 * ones, and the nearest of other rooms; then the rest of the room, and of those that reach it.
 *
 * @param source its path
 * @returns each file once
 */
export function orderTests(source: string, { near, room, whole, ms }: Known): string[] {
  const cost = (test: string): number => ms(test) ?? UNKNOWN_MS;
  const quickFirst = (tests: readonly string[]): string[] =>
    tests.toSorted((one, other) => cost(one) - cost(other));
  const named = room.filter((test) => basename(test) === `${basename(source, ".ts")}_test.ts`);
  const own = near.filter((test) => room.includes(test));
  const others = near.filter((test) => !room.includes(test));
  const nearest = others.slice(0, NEAREST);
  const ordered = [named, quickFirst(own), nearest, quickFirst(room), others, whole];
  return [...new Set(ordered.flat())];
}
