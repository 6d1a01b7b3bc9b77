/** The object that `immuconfig/live` gives to programs. */

import { LIVE_CHANGES_MS, LIVE_CHECK_MS } from "../base/limits.ts";
import { sleep } from "../base/sleep.ts";
import type { StopSignal } from "../base/stop_signal.ts";
import type { LiveReader } from "./reader.ts";
import { SEQUENCE_WORD, type SegmentState } from "./segment.ts";
import { flagsOf, type LiveState } from "./state.ts";
import type { ChangesOptions, LiveChange, LiveView } from "./view_types.ts";

/** Publishes the file's record, with the overrides of a state where the segment has none. */
type Publish = (lastKnown?: SegmentState) => Promise<void>;

export function createView(reader: LiveReader, publish: Publish): LiveView {
  const features: Record<string, boolean> = {};
  defineFlags(features, reader);
  reader.onRecord = () => defineFlags(features, reader);
  const timer = setInterval(follow(reader, publish), LIVE_CHECK_MS);
  timer.unref();
  const closed = new AbortController();
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
    changes: (options) => changesOf(reader, closed.signal, options ?? {}),
    close() {
      clearInterval(timer);
      reader.close();
      closed.abort();
    },
  };
  return Object.freeze(view);
}

/** Gives every flag that programs may ask for a getter, and takes those of other names away. */
function defineFlags(features: Record<string, boolean>, reader: LiveReader): void {
  const flags = flagsOf(reader.record);
  for (const name of Object.keys(features)) {
    if (!Object.hasOwn(flags, name)) delete features[name];
  }
  Object.keys(flags).forEach((name, index) => {
    Object.defineProperty(features, name, {
      get() {
        // The load is atomic so that the compiler cannot move it out of a loop.
        if (Atomics.load(reader.words, SEQUENCE_WORD) !== reader.seen) reader.look();
        return reader.on[index] === 1;
      },
      enumerable: true,
      configurable: true,
    });
  });
}

/**
 * What the timer does: a loop that only reads flags sees overrides through the segment, but what
 * happens to the files themselves takes system calls to see.
 */
function follow(reader: LiveReader, publish: Publish): () => void {
  let isBusy = false;
  return () => {
    reader.lookAtFiles();
    if (!reader.isUnpublished || isBusy) return;
    isBusy = true;
    publish(reader.lastKnown)
      .catch((error: unknown) => reader.note(error))
      .finally(() => {
        isBusy = false;
      });
  };
}

async function* changesOf(
  reader: LiveReader,
  closed: StopSignal,
  { signal, intervalMs = LIVE_CHANGES_MS }: ChangesOptions,
): AsyncGenerator<LiveChange, void, void> {
  let before = reader.state();
  for (;;) {
    if (closed.aborted || signal?.aborted === true) return;
    const after = reader.state();
    if (after === before) {
      await sleep(intervalMs, closed, signal);
      continue;
    }
    yield Object.freeze({ before, after, flipped: Object.freeze(flippedFlags(before, after)) });
    before = after;
  }
}

function flippedFlags(before: LiveState, after: LiveState): string[] {
  const a = flagsOf(before);
  const b = flagsOf(after);
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => (a[name] ?? false) !== (b[name] ?? false)).toSorted();
}
