/** Opens the live view of a file. */

import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { ownSurroundings } from "../runtime/load.ts";
import { requireFile } from "../store/find.ts";
import { realFilePath } from "../store/real_path.ts";
import { clockOf, type LiveClock } from "./clock.ts";
import { type FollowedFiles, followFiles } from "./files.ts";
import { LiveReader } from "./reader.ts";
import type { SegmentSource } from "./source.ts";
import { createView, type LiveView } from "./view_object.ts";

export { closeFile, followFiles, isAtPath, uptimeMs } from "./files.ts";
export type { ChangesOptions, LiveChange, LiveView } from "./view_object.ts";

/** The clocks are the system's by default. */
export interface LiveOptions extends Partial<LiveClock> {
  /** Where the runtime folder and the trusted keys are named, as in `process.env`. */
  readonly env: Environment;
  /** `"polled"` reads the files at most once a millisecond, as is done without the native library. */
  readonly mode?: "mapped" | "polled";
}

/**
 * Opens the live view of a file, and creates its segment where there is none. Where the segment
 * cannot be had, the file is followed all the same, and `problem` says why.
 *
 * @param path of the file
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`; FormatError
 * @example
 * const live = await openLive("bunfig.lockb", { env: process.env });
 * if (live.features.CHECKOUT_V2) …
 */
export async function openLive(path: string, options: LiveOptions): Promise<LiveView> {
  const { env, mode = "mapped" } = options;
  const clock = clockOf(options);
  const files = followFiles(realFilePath(path), { env, clock, mode });
  const record = files.readRecord();
  const { source, problem } = await firstSegment(files);
  const reader = new LiveReader({ record, source, files: () => files, clock });
  reader.problem ??= problem;
  return createView(reader, (lastKnown) => files.publish(lastKnown));
}

async function firstSegment(
  files: FollowedFiles,
): Promise<{ source?: SegmentSource | undefined; problem?: ImmuconfigError }> {
  try {
    await files.publish();
    return { source: files.openSegment() };
  } catch (problem) {
    if (problem instanceof ImmuconfigError) return { problem };
    throw problem;
  }
}

/** The live view of the record that this process would find. */
export function openProject(): Promise<LiveView> {
  const surroundings = ownSurroundings();
  return openLive(requireFile(surroundings), { env: surroundings.env });
}
