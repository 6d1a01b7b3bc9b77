/** The live view of a file: what `immuconfig/live` gives to programs. */

import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import type { File } from "../format/file.ts";
import { flagMask } from "../format/flags.ts";
import { LIVE_CHANGES_MS, LIVE_CHECK_MS, LIVE_OPEN_WAIT_MS } from "../base/limits.ts";
import type { Features } from "../runtime/config.ts";
import { featureStates } from "../runtime/snapshot.ts";
import { realFilePath } from "../store/real_path.ts";
import { openMapper } from "./mapping.ts";
import { LiveReader } from "./reader.ts";
import { checkFolder, runtimeFolder, segmentPath } from "./segment_path.ts";
import type { SegmentState } from "./segment.ts";
import { SEQUENCE_WORD } from "./source.ts";
import type { LiveState } from "./state.ts";
import { publish } from "./writer.ts";

export interface LiveOptions {
  /** Where the runtime folder and the trusted keys are named, as in `process.env`. */
  readonly env: Environment;
  /** Milliseconds since 1970; the system's clock by default. */
  readonly now?: () => number;
  /** `"polled"` reads the files at most once a millisecond, as is done under Node. */
  readonly mode?: "mapped" | "polled";
}

export interface ChangesOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** How often to look, in milliseconds; 5 by default. */
  readonly intervalMs?: number;
}

/** From one state to the next; several flips between two looks are one change. */
export interface LiveChange {
  readonly before: LiveState;
  readonly after: LiveState;
  /** The flags that differ, in the order of their names. */
  readonly flipped: readonly string[];
}

export interface LiveView {
  /**
   * The flags, overrides applied: each read looks at the segment. An unknown name gives
   * `undefined`, as in `config.features`; a flag that is defined later appears by itself.
   */
  readonly features: Features;
  /** The generation of the file's record. */
  readonly generation: number;
  /** `"mapped"`: a read is a load. `"polled"`: the files are read, at most once a millisecond. */
  readonly mode: "mapped" | "polled";
  /** Why the file or the segment could not be followed; what was known before still holds. */
  readonly problem: ImmuconfigError | undefined;
  /** The state now, for one request: its flags belong together and never change. */
  pin(): LiveState;
  /** As `pin`, after a look whether the file or the segment was replaced. */
  snapshot(): LiveState;
  /** Every change from now on, until the signal is aborted or the loop is left. */
  changes(options?: ChangesOptions): AsyncGenerator<LiveChange, void, void>;
  /** Lets the segment go. Flags keep their last values. */
  close(): void;
}

/**
 * Opens the live view of a file, and creates its segment where there is none.
 *
 * @param path of the file
 * @throws ImmuconfigError `ERR_LIVE` when the user's runtime folder cannot be trusted;
 * `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`; FormatError
 * @example
 * const live = await openLive("bunfig.lockb", { env: process.env });
 * if (live.features.CHECKOUT_V2) …
 */
export async function openLive(path: string, options: LiveOptions): Promise<LiveView> {
  const { env, now = Date.now, mode = "mapped" } = options;
  const file = realFilePath(path);
  const folder = runtimeFolder(env);
  const bring: Bring = (lastKnown) =>
    publish(file, { env, now, lastKnown, waitMs: LIVE_OPEN_WAIT_MS });
  if (folder !== undefined) checkFolder(folder);
  const problem = folder !== undefined && canWrite() ? await problemOf(bring()) : undefined;
  const reader = new LiveReader({
    file,
    segment: folder === undefined ? undefined : segmentPath(folder, file),
    map: mode === "mapped" ? await openMapper() : undefined,
    env,
    now,
  });
  reader.problem ??= problem;
  return createView(reader, bring);
}

/** Publishes the file's record, with the overrides of a state where the segment has none. */
type Bring = (lastKnown?: SegmentState) => Promise<void>;

function createView(reader: LiveReader, bring: Bring): LiveView {
  const features: Record<string, boolean> = {};
  defineFlags(features, reader, reader.file);
  reader.onFile = (file) => defineFlags(features, reader, file);
  const timer = setInterval(follow(reader, bring), LIVE_CHECK_MS);
  timer.unref();
  const view: LiveView = {
    features,
    get generation() {
      return reader.state().generation;
    },
    get mode() {
      return reader.isMapped ? "mapped" : "polled";
    },
    get problem() {
      return reader.problem;
    },
    pin: () => reader.state(),
    snapshot() {
      reader.lookAtFiles();
      return reader.state();
    },
    changes: (options) => changesOf(reader, options ?? {}),
    close() {
      clearInterval(timer);
      reader.close();
    },
  };
  return Object.freeze(view);
}

/** Gives every flag that programs may ask for a getter, and takes those of other names away. */
function defineFlags(features: Record<string, boolean>, reader: LiveReader, file: File): void {
  const states = featureStates(file, file.record.featureFlags);
  for (const name of Object.keys(features)) if (!(name in states)) delete features[name];
  for (const { bit, name } of file.flags) {
    if (!(name in states)) continue;
    const mask = flagMask(bit) | 0;
    Object.defineProperty(features, name, {
      get() {
        // The load is atomic so that the compiler cannot move it out of a loop.
        if (Atomics.load(reader.words, SEQUENCE_WORD) !== reader.seen) reader.look();
        return (reader.flags & mask) !== 0;
      },
      enumerable: true,
      configurable: true,
    });
  }
}

/**
 * What the timer does: a loop that only reads flags sees overrides through the segment, but what
 * happens to the files themselves takes system calls to see.
 */
function follow(reader: LiveReader, bring: Bring): () => void {
  let isBusy = false;
  return () => {
    reader.lookAtFiles();
    if (!reader.isUnpublished || !canWrite() || isBusy) return;
    isBusy = true;
    bring(reader.lastKnown)
      .catch((error: unknown) => reader.note(error))
      .finally(() => {
        isBusy = false;
      });
  };
}

async function* changesOf(
  reader: LiveReader,
  { signal, intervalMs = LIVE_CHANGES_MS }: ChangesOptions,
): AsyncGenerator<LiveChange, void, void> {
  let before = reader.state();
  for (;;) {
    if (signal?.aborted === true) return;
    const after = reader.state();
    if (after === before) {
      await pause(intervalMs, signal);
      continue;
    }
    yield Object.freeze({ before, after, flipped: Object.freeze(flippedFlags(before, after)) });
    before = after;
  }
}

function flippedFlags(before: LiveState, after: LiveState): string[] {
  const a: Readonly<Record<string, boolean>> = before.features;
  const b: Readonly<Record<string, boolean>> = after.features;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => (a[name] ?? false) !== (b[name] ?? false)).toSorted();
}

/** @returns after the time, or as soon as the signal is aborted */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

/** Only Bun has the kernel's lock that writers need. */
function canWrite(): boolean {
  return process.versions.bun !== undefined && process.getuid !== undefined;
}

/** @throws ImmuconfigError `ERR_LIVE`; without a segment for other reasons, the file still serves */
async function problemOf(work: Promise<void>): Promise<ImmuconfigError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof ImmuconfigError && error.code !== "ERR_LIVE") return error;
    throw error;
  }
}
