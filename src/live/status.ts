/** What a file's live segment says, for people: no lock, no change. */

import type { Environment } from "../base/environment.ts";
import { realFilePath } from "../store/real_path.ts";
import { clockOf, type LiveClock } from "./clock.ts";
import { checkFolder, findPlace } from "./place.ts";
import { isSameFile, readFileAndRecord } from "./record.ts";
import type { Condition, Recovered } from "./segment.ts";
import { Segment } from "./segment_file.ts";
import { keptOverrides, type LiveState, liveState } from "./state.ts";

/** A writer at work is seen as one that died; not for so long. */
const READS_MAX = 5;

export interface LiveStatus {
  /** Where the segment is or would be; null where the platform has none. */
  readonly segment: string | null;
  /**
   * `whole` is good. `missing` when nobody has asked for live flags; `undone` or `rolledBack`
   * when a writer died, which the next one repairs; `lost` or `foreign` when there is something
   * else at its place, which the next writer replaces.
   */
  readonly condition: Condition | "missing";
  /** Whether the segment holds the file's record; readers follow the file all the same. */
  readonly isPublished: boolean;
  /** What live readers see. */
  readonly state: LiveState;
}

/**
 * @param path of the file
 * @throws ImmuconfigError `ERR_LIVE` when the runtime folder cannot be trusted; what reading the
 * file throws
 * @example liveStatus("bunfig.lockb", process.env).state.overrides
 */
export function liveStatus(
  path: string,
  env: Environment,
  clocks: Partial<LiveClock> = {},
): LiveStatus {
  const clock = clockOf(clocks);
  const file = realFilePath(path);
  const place = findPlace(file, env);
  const { record } = readFileAndRecord(file, env);
  const isThere = place !== undefined && checkFolder(place.folder);
  const found = isThere ? recoveredAt(place.segment) : undefined;
  const slot = found?.state;
  return {
    segment: place?.segment ?? null,
    condition: found?.condition ?? "missing",
    isPublished: slot !== undefined && isSameFile(record.identity, slot.identity),
    state: liveState(record, keptOverrides(record, slot, clock.uptime()), clock),
  };
}

function recoveredAt(path: string): Recovered | undefined {
  let found: Recovered | undefined;
  for (let reads = 0; reads < READS_MAX; reads++) {
    const segment = Segment.open(path);
    segment.close();
    if (!segment.exists) return undefined;
    found = segment.recovered;
    if (found.condition === "whole") break;
  }
  return found;
}
