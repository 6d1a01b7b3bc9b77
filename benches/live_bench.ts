// The live view's costs: a read beside a bare Atomics.load, and how long a flip takes to reach
// another process, beside other ways to tell it. `bun benches/live_bench.ts`; with --quick it runs
// once, small, to show that it works.
import {
  closeSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineFlag } from "../src/format/edit/define_flag.ts";
import { encodeFile } from "../src/format/file.ts";
import { segmentName } from "../src/live/place.ts";
import { SEGMENT_SIZE, SEQUENCE_WORD } from "../src/live/segment.ts";
import { openLive } from "../src/live/view.ts";
import { setOverride, unsetOverride } from "../src/live/writer.ts";
import { findAddon } from "../src/native/addon.ts";
import { defaultFile } from "../src/store/default_file.ts";
import {
  check,
  compare,
  formatTime,
  median,
  printComparison,
  printTime,
  quantile,
  timed,
  verdict,
} from "./support/measure.ts";
import { monotonicNs } from "./support/clock.ts";
import { openFlip } from "./support/live_flip.ts";
import { SeenFile } from "./support/seen_file.ts";

const quick = process.argv.includes("--quick");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
const path = join(folder, "bunfig.lockb");
const env = { ...process.env, IMMUCONFIG_RUNTIME_DIR: join(folder, "runtime") };
const START_MS = 10_000;
const WAIT_MS = 100;
/** What the readers must keep, in nanoseconds. */
const SPINNING_P99_NS_MAX = 15_000;

let allHold = true;
let segment = "";
try {
  writeFileSync(path, encodeFile(defineFlag("A", { bit: 0 })(defaultFile())));
  segment = join(env.IMMUCONFIG_RUNTIME_DIR, segmentName(path));
  await benchRead();
  await benchLatency();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(allHold || quick ? 0 : 1);

async function benchRead(): Promise<void> {
  const reads = quick ? 1_000 : 1_000_000;
  const live = await openLive(path, { env });
  const polled = await openLive(path, { env, mode: "polled" });
  check(live.mode === "mapped", "the segment is not mapped: build lib/ first");
  const words = mapWords();
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
  allHold = printComparison("live.features.X / a bare Atomics.load", result, 1.2) && allHold;

  const repeats = quick ? 2 : 21;
  const each = (count: number, run: () => unknown): number =>
    median(
      Array.from({ length: repeats }, () =>
        timed(() => {
          for (let i = 0; i < count; i++) run();
        }),
      ),
    ) / count;
  printTime(
    "live.pin()",
    each(reads, () => live.pin()),
  );
  printTime(
    "live.snapshot(), which looks at the files",
    each(quick ? 10 : 2_000, () => live.snapshot()),
  );
  await setOverride(path, "A", true, { env, forMs: 600_000 });
  check(live.features["A"] === true && live.pin().overrides.length === 1, "no override");
  printTime(
    "live.features.X while an override has an end",
    each(reads / 10, () => features["A"]),
  );
  printTime(
    "live.features.X, polled",
    each(quick ? 10 : 100_000, () => polled.features["A"]),
  );
  await unsetOverride(path, "A", { env });
  live.close();
  polled.close();
}

/** The segment's words in a mapping of this program's own. */
function mapWords(): Int32Array {
  const descriptor = openSync(segment, "r+");
  const buffer = findAddon()?.liveMap(descriptor);
  closeSync(descriptor);
  if (buffer === undefined) throw new Error("the segment cannot be mapped");
  check(buffer.byteLength === SEGMENT_SIZE, "the mapping has another size");
  return new Int32Array(buffer);
}

async function benchLatency(): Promise<void> {
  const flip = openFlip(segment, "A");
  const watched = join(folder, "watched");
  writeFileSync(watched, "0");
  const descriptor = openSync(watched, "r+");
  // One byte in place: one event, and no empty file in between.
  const write = (on: boolean): void => void writeSync(descriptor, on ? "1" : "0", 0);

  const spinning = await latencies("spin", sized(5_000), flip);
  const good = quantile(spinning, 0.99) < SPINNING_P99_NS_MAX;
  allHold &&= good;
  const limit = formatTime(SPINNING_P99_NS_MAX);
  printLatency("a flip, to a spinning reader", spinning, `p99 under ${limit}`, good);
  printLatency("a flip, to a look once a millisecond", await latencies("look", sized(200), flip));
  printLatency("fs.watch, and the file read", await latencies("watch", sized(200), write));
  printLatency("the file read once a millisecond", await latencies("poll", sized(200), write));
  closeSync(descriptor);
  await benchSocket(sized(200));
}

/** Up to a tenth of a millisecond, so that flips meet the reader anywhere in its loop. */
function pauseBusily(): void {
  const end = monotonicNs() + Math.random() * 100_000;
  while (monotonicNs() < end);
}

function sized(large: number): number {
  return quick ? 5 : large;
}

async function benchSocket(flips: number): Promise<void> {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, self) => (self.upgrade(request) ? undefined : new Response(null)),
    websocket: { open: (peer) => void peer.subscribe("flips"), message: () => undefined },
  });
  const send = (on: boolean): void => void server.publish("flips", on ? "1" : "0");
  printLatency("a loopback WebSocket", await latencies("socket", flips, send, server.port));
  await server.stop(true);
}

/** @returns from just before each flip to the other process's having seen it, nanoseconds */
async function latencies(
  how: string,
  flips: number,
  flip: (on: boolean) => void,
  port?: number,
): Promise<number[]> {
  rmSync(join(folder, "seen"), { force: true });
  const seen = new SeenFile(folder);
  const script = join(import.meta.dir, "support", "live_reader.ts");
  const child = Bun.spawn([process.execPath, script, how, folder, String(port)], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
    timeout: 60_000,
  });
  try {
    check(await isTrueWithin(START_MS, () => seen.isReady), "the reader did not start");
    const times: number[] = [];
    // The reader's first looks are its compiler's.
    const warmups = how === "spin" ? 4 * flips : Math.ceil(flips / 10);
    for (let i = 0; i < warmups + flips; i++) {
      // A writer that has slept wakes slowly: that is the kernel's time, not the flip's.
      if (how === "spin") pauseBusily();
      else await Bun.sleep(Math.random() * 2);
      const before = seen.count;
      const start = monotonicNs();
      flip(i % 2 === 0);
      const isSeen = (): boolean => seen.count > before;
      const arrived = how === "spin" ? spinUntil(isSeen) : await isTrueWithin(WAIT_MS, isSeen);
      // Some ways lose changes: a time that never came is infinite.
      if (i >= warmups) times.push(arrived ? seen.timeNs - start : Number.POSITIVE_INFINITY);
    }
    return times;
  } finally {
    child.kill();
    await child.exited;
  }
}

function spinUntil(done: () => boolean): boolean {
  const deadline = performance.now() + WAIT_MS;
  while (!done()) if (performance.now() > deadline) return false;
  return true;
}

async function isTrueWithin(ms: number, done: () => boolean): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (!done()) {
    if (performance.now() > deadline) return false;
    await Bun.sleep(1);
  }
  return true;
}

function printLatency(name: string, times: number[], limit?: string, holds?: boolean): void {
  const seen = times.filter((time) => Number.isFinite(time));
  const [p50, p99] = [quantile(seen, 0.5), quantile(seen, 0.99)].map((ns) =>
    formatTime(ns).padStart(9),
  );
  const lost = times.length - seen.length;
  const losses = lost === 0 ? "" : `, ${lost} of ${times.length} not seen in ${WAIT_MS} ms`;
  const bound = limit === undefined ? "" : `, ${limit}: ${verdict(holds === true)}`;
  console.log(`${name.padEnd(44)} p50 ${p50}  p99 ${p99}${losses}${bound}`);
}
