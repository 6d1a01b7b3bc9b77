/** A live read beside a bare `Atomics.load`, and how long a flip takes to reach another process. */

import { closeSync, openSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { encodeFile } from "../../src/format/file.ts";
import { segmentName } from "../../src/live/place.ts";
import { SEGMENT_SIZE, SEQUENCE_WORD } from "../../src/live/segment.ts";
import { openLive } from "../../src/live/view.ts";
import { findAddon } from "../../src/native/addon.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { type BenchOptions, type Bound, ratioBound } from "../support/bound.ts";
import { monotonicNs } from "../support/clock.ts";
import { openFlip } from "../support/live_flip.ts";
import { check, compare, median, quantile, timed } from "../support/measure.ts";
import { makeSharedFolder } from "../support/shared_folder.ts";
import { SeenFile } from "../support/seen_file.ts";

const READ_RATIO_MAX = 1.2;
/** Microseconds, on two cores that are free. */
const FLIP_P99_US_MAX = 15;
/** In each round: one whose two cores somebody else used shows in it alone. */
const FLIPS = 2_000;
const ROUNDS = 9;
/** Rounds until the engine's compilers, which would take turns with the reader, are done with both sides. */
const WARMUPS = 10;
const START_MS_MAX = 10_000;
/** On a busy machine the reader waits for its turn. */
const SEEN_MS_MAX = 5_000;

interface LiveFolder {
  readonly folder: string;
  readonly path: string;
  readonly segment: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function liveBounds({ quick }: BenchOptions): Promise<Bound[]> {
  const folder = realpathSync(makeSharedFolder());
  const path = join(folder, "bunfig.lockb");
  const runtime = join(folder, "runtime");
  const env = { ...process.env, IMMUCONFIG_RUNTIME_DIR: runtime };
  try {
    writeFileSync(path, encodeFile(defineFlag("A", { bit: 0 })(defaultFile())));
    const live = { folder, path, env, segment: join(runtime, segmentName(path)) };
    return [await readBound(live, quick), await flipBound(live, quick ? 5 : FLIPS)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readBound({ path, env, segment }: LiveFolder, quick: boolean): Promise<Bound> {
  const reads = quick ? 1_000 : 1_000_000;
  const live = await openLive(path, { env });
  check(live.mode === "mapped", "the segment is not mapped: build lib/ first");
  const words = mapWords(segment);
  const { features } = live;
  let on = 0;
  const bare = (): void => {
    for (let i = 0; i < reads; i++) if ((Atomics.load(words, SEQUENCE_WORD) & 1) !== 0) on++;
  };
  const read = (): void => {
    for (let i = 0; i < reads; i++) if (features["A"]) on++;
  };
  const result = await compare(quick ? 2 : 41, {
    subject: () => timed(read) / reads,
    floor: () => timed(bare) / reads,
  });
  check(on === 0, "a flag that is off was read as on");
  live.close();
  return ratioBound("live.features.X / a bare Atomics.load", result, READ_RATIO_MAX);
}

/** The segment's words in a mapping of this program's own. */
function mapWords(segment: string): Int32Array {
  const descriptor = openSync(segment, "r+");
  const buffer = findAddon()?.liveMap(descriptor);
  closeSync(descriptor);
  if (buffer === undefined) throw new Error("the segment cannot be mapped");
  check(buffer.byteLength === SEGMENT_SIZE, "the mapping has another size");
  return new Int32Array(buffer);
}

/**
 * The middle of several rounds. The floor is a store to a bare word of shared memory, which the same reader
 * waits for in turn.
 */
async function flipBound(live: LiveFolder, flips: number): Promise<Bound> {
  const rounds = await latencies(live, flips);
  const p99 = (of: (round: Latencies) => readonly number[]): number =>
    median(rounds.map((round) => quantile(of(round), 0.99)));
  const subjectNs = p99(({ flag }) => flag);
  return {
    name: "p99 of a flip to a spinning reader / of a bare word",
    subjectNs,
    floorNs: p99(({ word }) => word),
    value: subjectNs / 1e3,
    max: FLIP_P99_US_MAX,
    unit: "µs",
  };
}

/** From just before each change of a round to the other process's having seen it, nanoseconds. */
interface Latencies {
  readonly flag: readonly number[];
  readonly word: readonly number[];
}

async function latencies(
  { folder, segment, env }: LiveFolder,
  flips: number,
): Promise<readonly Latencies[]> {
  const seen = new SeenFile(folder);
  const script = join(import.meta.dir, "..", "children", "flip_reader.ts");
  const child = Bun.spawn([process.execPath, script, folder], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
    timeout: 300_000,
  });
  try {
    for (const end = performance.now() + START_MS_MAX; !seen.isReady;) {
      check(performance.now() < end, "the reader did not start");
      await Bun.sleep(1);
    }
    const flip = openFlip(segment, "A");
    let enabled = false;
    const rounds = Array.from({ length: WARMUPS + ROUNDS }, () => {
      const flag: number[] = [];
      const word: number[] = [];
      for (let i = 0; i < flips; i++) {
        enabled = !enabled;
        flag.push(latency(seen, () => flip(enabled)));
        word.push(
          latency(seen, () => {
            seen.bare++;
          }),
        );
      }
      return { flag, word };
    });
    return rounds.slice(WARMUPS);
  } finally {
    child.kill();
    await child.exited;
  }
}

function latency(seen: SeenFile, change: () => void): number {
  pauseBusily();
  const before = seen.count;
  const start = monotonicNs();
  change();
  const end = performance.now() + SEEN_MS_MAX;
  while (seen.count === before) check(performance.now() < end, "a flip was not seen");
  return seen.timeNs - start;
}

/**
 * Up to a tenth of a millisecond, so that flips meet the reader anywhere in its loop. A writer that
 * slept would wake slowly: that is the kernel's time, not the flip's.
 */
function pauseBusily(): void {
  const end = monotonicNs() + Math.random() * 100_000;
  while (monotonicNs() < end);
}
