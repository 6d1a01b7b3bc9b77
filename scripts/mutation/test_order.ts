/** In which order the tests that could notice a change are asked. */

import { basename } from "node:path";

/** What a file is thought to take that was not run yet: one that imports the source, and another. */
const NEAR_MS = 1_500;
const FAR_MS = 3_000;

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
 * The file of the source's name first, then those of its room, the quick ones before the slow ones, then
 * those of other rooms that reach it.
 *
 * @param source its path
 * @returns each file once
 */
export function orderTests(source: string, { near, room, whole, ms }: Known): string[] {
  const reaching = new Set(near);
  const cost = (test: string): number => ms(test) ?? (reaching.has(test) ? NEAR_MS : FAR_MS);
  const isOwn = (test: string): boolean => basename(test) === basename(source, ".ts") + "_test.ts";
  const inRoom = [...near.filter((test) => room.includes(test)), ...room].toSorted(
    (one, other) => cost(one) - cost(other),
  );
  return [...new Set([...inRoom.filter(isOwn), ...inRoom, ...near, ...whole])];
}
