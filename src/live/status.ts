/** What a file's live segment says, for people: no lock, no change. */

import { closeSync } from "node:fs";
import type { Environment } from "../base/environment.ts";
import { realFilePath } from "../store/real_path.ts";
import { isSameFile, readRepositoryFile } from "./repository.ts";
import type { Condition, Recovered } from "./segment.ts";
import { openSegment, recoverSegment } from "./segment_file.ts";
import { checkFolder, runtimeFolder, segmentPath } from "./segment_path.ts";
import { keptOverrides, type LiveState, liveState } from "./state.ts";

/** A writer at work looks like one that died; not for so long. */
const LOOKS_MAX = 5;

export interface LiveStatus {
  /** Where the segment is or would be; null where the platform has none. */
  readonly segment: string | null;
  /**
   * `whole` is good. `missing` when nobody has asked for live flags; `undone` or `rolledBack`
   * when a writer died, which the next one mends; `lost` or `foreign` when there is something
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
 * @param nowMs milliseconds since 1970
 * @throws ImmuconfigError `ERR_LIVE` when the runtime folder cannot be trusted; what reading the
 * file throws
 * @example liveStatus("bunfig.lockb", process.env, Date.now()).state.overrides
 */
export function liveStatus(path: string, env: Environment, nowMs: number): LiveStatus {
  const real = realFilePath(path);
  const folder = runtimeFolder(env);
  const segment = folder === undefined ? null : segmentPath(folder, real);
  const { identity, file } = readRepositoryFile(real, env);
  const found =
    folder === undefined || segment === null || !checkFolder(folder) ? undefined : look(segment);
  const slot = found?.state;
  const active = keptOverrides(file, slot, nowMs);
  return {
    segment,
    condition: found?.condition ?? "missing",
    isPublished: slot !== undefined && isSameFile(identity, slot.identity),
    state: liveState(file, active, slot?.expiresMs ?? []),
  };
}

function look(segment: string): Recovered | undefined {
  const descriptor = openSegment(segment);
  if (descriptor === undefined) return undefined;
  try {
    let found = recoverSegment(descriptor);
    for (let looks = 1; looks < LOOKS_MAX && found.condition !== "whole"; looks++) {
      found = recoverSegment(descriptor);
    }
    return found;
  } finally {
    closeSync(descriptor);
  }
}
