/** Opens the live view of a file. */

import { requireBun } from "../base/bun_version.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { ownSurroundings } from "../runtime/load.ts";
import { requireFile } from "../store/find.ts";
import { realFilePath } from "../store/real_path.ts";
import { clockOf } from "./clock.ts";
import { type FollowedFiles, followFiles } from "./files.ts";
import { LiveReader } from "./reader.ts";
import type { SegmentSource } from "./source.ts";
import type { LiveOptions, LiveView } from "./view_types.ts";
import { createView } from "./view_object.ts";

/** What `openLive` of index.ts promises. */
export function openLive(path: string, options: LiveOptions): Promise<LiveView> {
  return new Promise((resolve) => resolve(openNow(path, options)));
}

/** The live view of the record that this process would find; at once, as an import must not wait. */
export function openProject(): LiveView {
  requireBun();
  const surroundings = ownSurroundings();
  return openNow(requireFile(surroundings), { env: surroundings.env });
}

function openNow(path: string, options: LiveOptions): LiveView {
  const { env, mode = "mapped" } = options;
  const clock = clockOf(options);
  const files = followFiles(realFilePath(path), { env, clock, mode });
  const record = files.readRecord();
  const { source, problem } = firstSegment(files);
  const reader = new LiveReader({ record, source, files: () => files, clock });
  reader.problem ??= problem;
  return createView(reader, (lastKnown) => files.publish(lastKnown));
}

function firstSegment(files: FollowedFiles): {
  source?: SegmentSource | undefined;
  problem?: ImmuconfigError;
} {
  try {
    files.publishNow();
    return { source: files.openSegment() };
  } catch (problem) {
    if (problem instanceof ImmuconfigError) return { problem };
    throw problem;
  }
}
