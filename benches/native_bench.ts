// The native core's costs beside their floors, in one run: `bun benches/native_bench.ts`. With
// --quick it runs once, small, to show that it works.
import { encodeFile } from "../src/format/file.ts";
import { murmurHash3 } from "../src/hash.ts";
import { native } from "../src/native/index.ts";
import { defaultFile } from "../src/store/default_file.ts";
import {
  check,
  type Comparison,
  compare,
  formatTime,
  median,
  merge,
  printComparison,
  printTime,
  timed,
  verdict,
} from "./support/measure.ts";
import { openZigLoops } from "./support/zig_loops.ts";

const quick = process.argv.includes("--quick");
const rounds = quick ? 1_000 : 1_000_000;
const repeats = quick ? 2 : 41;
/** Many processes, each for a short time: they differ more than their samples do. */
const VERSION_PROCESSES = 41;
const VERSION_PAIRS = 15;

const bench = openZigLoops();

check(native.backend === "ffi", `the backend is ${native.backend}, not ffi`);
const file = defaultFile({ registry: "https://registry.example.test", project: "bench" });
check(native.load(encodeFile(file)).fault === "none", "the default file does not load");

if (process.argv.includes("--version-only")) {
  console.log(JSON.stringify(await compareVersion()));
  process.exit();
}
const holds = [benchVersion(), benchHash(), benchEncode(), benchTerminalInit()].every(Boolean);
benchCalls();
process.exit(holds || quick ? 0 : 1);

function benchVersion(): boolean {
  const results = Array.from({ length: quick ? 1 : VERSION_PROCESSES }, () => {
    const command = [process.execPath, import.meta.path, "--version-only"];
    const run = Bun.spawnSync(quick ? [...command, "--quick"] : command, { stderr: "inherit" });
    return JSON.parse(run.stdout.toString()) as Comparison;
  });
  return printComparison("version() by FFI / an empty FFI call", merge(results), 1.1);
}

async function compareVersion(): Promise<Comparison> {
  const empty = bench.bench_empty;
  check(native.version() === file.record.version && empty() === 1, "the calls answer wrongly");
  const { version } = native;
  const subject = (): void => {
    for (let i = 0; i < rounds; i++) version();
  };
  const floor = (): void => {
    for (let i = 0; i < rounds; i++) empty();
  };
  return compare(quick ? 2 : VERSION_PAIRS, {
    subject: () => timed(subject) / rounds,
    floor: () => timed(floor) / rounds,
  });
}

/** Inside Zig, each hash waiting for the one before. */
function benchHash(): boolean {
  const url = new TextEncoder().encode("https://registry.example.test/");
  check(url.length === 30, "the input has not 30 bytes");
  const hash = bench.bench_murmur3(url, url.length, 1);
  check(hash === murmurHash3(url), "the hashes disagree");
  return printLimit("registry hash of 30 bytes, in Zig", 20, () =>
    bench.bench_murmur3(url, url.length, rounds),
  );
}

function benchEncode(): boolean {
  check(bench.bench_encode(1) === 0xf45f7899, "the golden checksum came out wrong");
  return printLimit("header encoded and sealed, in Zig", 100, () => bench.bench_encode(rounds));
}

function benchTerminalInit(): boolean {
  if (bench.bench_terminal_init(0, 1) !== 0) {
    console.log("terminal init: not measured, standard input is no terminal");
    return true;
  }
  const count = Math.min(rounds, 100_000);
  printTime(
    "terminal init: size and mode read, in Zig",
    median(
      Array.from({ length: repeats }, () => timed(() => bench.bench_terminal_init(0, count))),
    ) / count,
  );
  return true;
}

/** What the blueprint has figures for, without a bound here. */
function benchCalls(): void {
  const { feature, header } = native;
  const mask = 1 << 2;
  let read: number | undefined;
  const byte = (): void => {
    for (let i = 0; i < rounds; i++) read = header[4];
  };
  const byMask = (): void => {
    for (let i = 0; i < rounds; i++) feature(mask);
  };
  const { featureByName } = native;
  const byName = (): void => {
    for (let i = 0; i < rounds; i++) featureByName("DEBUG");
  };
  printTime("a byte of Zig's memory, by typed array", perRound(byte));
  check(read === 1, "the typed array does not show the config version");
  printTime("feature by mask, by FFI", perRound(byMask));
  printTime("feature by name, by FFI", perRound(byName));
}

/** The median time of one of the `rounds` that a call does, in nanoseconds. */
function perRound(run: () => unknown): number {
  run();
  return median(Array.from({ length: repeats }, () => timed(run))) / rounds;
}

function printLimit(label: string, limit: number, run: () => unknown): boolean {
  const time = perRound(run);
  const floor = perRound(() => bench.bench_loop(rounds));
  const good = time < limit;
  console.log(
    `${label.padEnd(44)} ${formatTime(time).padStart(9)} / ${formatTime(floor).padStart(9)}` +
      `  ratio ${(time / floor).toFixed(1)}; below ${limit} ns: ${verdict(good)}`,
  );
  return good;
}
