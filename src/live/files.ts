/** The file of a live view and its segment, on disk and in shared memory. */

import { closeSync } from "node:fs";
import type { Environment } from "../base/environment.ts";
import { LIVE_OPEN_WAIT_MS } from "../base/limits.ts";
import { type Addon, findAddon } from "../native/addon.ts";
import type { LiveClock } from "./clock.ts";
import { checkFolder, findPlace } from "./place.ts";
import type { LiveFiles } from "./reader.ts";
import { fileIdentity, isSameFile, readFileAndRecord } from "./record.ts";
import { SEGMENT_SIZE, type SegmentState } from "./segment.ts";
import { isAtPath, openSegmentFile, readSegment } from "./segment_file.ts";
import { type SegmentMemory, SegmentSource } from "./source.ts";
import { publish, publishNow } from "./writer.ts";

export { uptimeMs } from "./clock.ts";
export { isAtPath } from "./segment_file.ts";
export { closeSync as closeFile } from "node:fs";

interface FilesOptions {
  readonly env: Environment;
  readonly clock: LiveClock;
  /** `"polled"` reads the segment again in place of mapping it. */
  readonly mode: "mapped" | "polled";
}

/** What a view that stays open needs. */
export interface FollowedFiles extends LiveFiles {
  /**
   * Publishes the file's record, with the overrides of a state where the segment has none; nothing
   * where only others may write.
   */
  publish(lastKnown?: SegmentState): Promise<void>;
  /** As `publish`, at once, for the first time. */
  publishNow(): void;
}

/** @param file its real path */
export function followFiles(file: string, { env, clock, mode }: FilesOptions): FollowedFiles {
  const addon = mode === "mapped" && process.platform !== "win32" ? findAddon() : undefined;
  return {
    readRecord: () => readFileAndRecord(file, env).record,
    isCurrent: ({ identity }) => isSameFile(identity, fileIdentity(file)),
    openSegment() {
      // The folder of a project may be replaced, and then its segment is another one.
      const place = findPlace(file, env);
      if (place === undefined || !checkFolder(place.folder)) return undefined;
      return openSource(place.segment, addon);
    },
    async publish(lastKnown) {
      await publish(file, { env, ...clock, lastKnown, waitMs: LIVE_OPEN_WAIT_MS });
    },
    publishNow() {
      if (process.getuid === undefined) return;
      publishNow(file, { env, ...clock, waitMs: LIVE_OPEN_WAIT_MS });
    },
  };
}

/**
 * @param addon to map it with; undefined reads it at every look
 * @throws ImmuconfigError `ERR_LIVE`
 */
function openSource(path: string, addon: Addon | undefined): SegmentSource | undefined {
  const descriptor = openSegmentFile(path);
  if (descriptor === undefined) return undefined;
  const source = new SegmentSource(memoryOf(path, descriptor, addon));
  if (source.state() !== undefined) return source;
  source.close();
  return undefined;
}

/** @param descriptor of the segment at the path, which `close` closes */
function memoryOf(path: string, descriptor: number, addon: Addon | undefined): SegmentMemory {
  const isCurrent = (): boolean => isAtPath(descriptor, path);
  const buffer = addon?.liveMap(descriptor);
  if (addon !== undefined && buffer !== undefined) {
    const close = (): void => {
      addon.liveUnmap(buffer);
      closeSync(descriptor);
    };
    return { words: new Int32Array(buffer), isCurrent, close };
  }
  const bytes = new Uint8Array(SEGMENT_SIZE);
  return {
    words: new Int32Array(bytes.buffer),
    refresh: () => readSegment(descriptor, bytes),
    isCurrent,
    close: () => closeSync(descriptor),
  };
}
