/** What `bun-config build` costs beside `bun build` with the same flags: whole processes. */

import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enabledFlags } from "../../src/bundle/flags/build_flags.ts";
import { CLEAN_OPTIONS } from "../../src/cli/clean_start.ts";
import { openBuildFlags } from "../../src/bundle/flags/open_build_flags.ts";
import { type BenchOptions, type Bound, extraBound, ratioBound } from "../support/bound.ts";
import { writeInput } from "../support/bundle_input.ts";
import { check, compare, type Comparison } from "../support/measure.ts";

/** Milliseconds that a build of one module may take more than Bun's. */
const EXTRA_MS_MAX = 25;
const RATIO_MAX = 1.1;
const ROUNDS = { one: 31, large: 15 } as const;

const root = join(import.meta.dir, "..", "..");
const cli = join(root, "dist", "cli", "config.js");
/** As the first line of the file starts it. */
const LAUNCHED = [process.execPath, ...CLEAN_OPTIONS, cli];

export async function buildBounds({ quick }: BenchOptions): Promise<Bound[]> {
  run([process.execPath, "scripts/build.ts", "--if-stale"], root);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
  try {
    const input = writeInput(folder, quick ? 20 : 300, !quick);
    const features = enabledFlags(openBuildFlags({ cwd: folder, env: {}, file: input.record }));
    const one = await compareBuilds(
      folder,
      input.modules[0] ?? "",
      features,
      quick ? 1 : ROUNDS.one,
    );
    const large = await compareBuilds(folder, input.feature, features, quick ? 1 : ROUNDS.large);
    return [
      extraBound("bun-config build / bun build, one module", one, EXTRA_MS_MAX),
      ratioBound("bun-config build / bun build, the large input", large, RATIO_MAX),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The floor is Bun's own build of the same flags. Both must write the same program. */
async function compareBuilds(
  folder: string,
  entry: string,
  features: readonly string[],
  rounds: number,
): Promise<Comparison> {
  const theirs = join(folder, "theirs.js");
  const ours = join(folder, "ours.js");
  const common = [entry, "--minify-syntax", "--target=bun"];
  const flags = features.map((name) => `--feature=${name}`);
  const result = await compare(rounds, {
    subject: () => run([...LAUNCHED, "build", ...common, "--outfile", ours], folder),
    floor: () => run([process.execPath, "build", ...common, ...flags, "--outfile", theirs], folder),
  });
  const text = readFileSync(ours, "utf8");
  const program = text.replace(/\/\*! immuconfig:record:[\w.]+ \*\/\n/, "").trim();
  check(program !== text.trim(), "the output does not hold the record");
  check(program === readFileSync(theirs, "utf8").trim(), "the outputs differ");
  return result;
}

/** @returns nanoseconds */
function run(command: readonly string[], cwd: string): number {
  const start = Bun.nanoseconds();
  const { exitCode, stderr } = Bun.spawnSync([...command], {
    cwd,
    stdout: "ignore",
    stderr: "pipe",
  });
  check(exitCode === 0, `${command.join(" ")}: ${stderr.toString()}`);
  return Bun.nanoseconds() - start;
}
