// What `bun-config build` costs beside `bun build` with the same flags, and what the ledger of 32
// flags takes: `bun benches/build_bench.ts`. Below a bound that does not hold stands what the least
// program costs that does the same with Bun's own API, so that the rest is ours. With --quick it
// runs once, small, to show that it works.
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBuildState } from "../src/bundle/flags/open_build_state.ts";
import { enabledFlags } from "../src/bundle/flags/build_flags.ts";
import { measureLedger } from "../src/bundle/analysis/ledger/ledger.ts";
import { writeInput } from "./support/bundle_input.ts";
import { buildEachFlag } from "./support/bare_ledger.ts";
import {
  compare,
  type Comparison,
  formatTime,
  printComparison,
  verdict,
} from "./support/measure.ts";

/** Milliseconds that a build of one module may take more than Bun's. */
const EXTRA_MS_MAX = 5;
const RATIO_MAX = 1.1;
/** Seconds for the ledger, with packages external and with all of them bundled. */
const LEDGER_S_MAX = { external: 1.5, whole: 6 } as const;

const quick = process.argv.includes("--quick");
const root = join(import.meta.dir, "..");
const cli = join(root, "dist", "cli", "config.js");
runOnce([process.execPath, "scripts/build.ts", "--if-stale"], root);

const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
let holds = true;
try {
  const input = writeInput(folder, quick ? 20 : 300, !quick);
  const state = openBuildState({ cwd: folder, env: {}, file: input.record });
  const one = input.modules[0] ?? "";
  const theirs = join(folder, "theirs.js");
  const ours = join(folder, "ours.js");
  await benchOneModule(one);
  await benchInput(input.feature);
  await benchLedger("packages external", "external", LEDGER_S_MAX.external);
  if (!quick) await benchLedger("everything bundled", "bundle", LEDGER_S_MAX.whole);

  async function benchOneModule(entry: string): Promise<void> {
    const rounds = quick ? 1 : 31;
    const within = printExtra("build of one module", await compareBuilds(entry, rounds, ourBuild));
    holds &&= within;
    if (within && !quick) return;
    printExtra("  a bare program with Bun.build", await compareBuilds(entry, rounds, bareBuild));
  }

  async function benchInput(entry: string): Promise<void> {
    const rounds = quick ? 1 : 9;
    const result = await compareBuilds(entry, rounds, ourBuild);
    const within = printComparison("build of the large input", result, RATIO_MAX);
    holds &&= within;
    if (within && !quick) return;
    const bare = await compareBuilds(entry, rounds, bareBuild);
    printComparison("  a bare program with Bun.build", bare, RATIO_MAX);
  }

  /** The floor is Bun's own build of the same flags. Both must write the same program. */
  async function compareBuilds(
    entry: string,
    rounds: number,
    subject: (entry: string) => string[],
  ) {
    const features = enabledFlags(state.flags).map((name) => `--feature=${name}`);
    const bunBuild = [
      process.execPath,
      "build",
      ...common(entry),
      ...features,
      "--outfile",
      theirs,
    ];
    const result = await compare(rounds, {
      subject: () => runOnce(subject(entry), folder),
      floor: () => runOnce(bunBuild, folder),
    });
    const text = readFileSync(ours, "utf8");
    const program = text.replace(/\/\*! immuconfig:record:\w{26} \*\/\n/, "").trim();
    if (subject === ourBuild && program === text.trim()) {
      throw new Error("the output does not hold the record");
    }
    if (program !== readFileSync(theirs, "utf8").trim()) throw new Error("the outputs differ");
    return result;
  }

  function ourBuild(entry: string): string[] {
    return [process.execPath, cli, "build", ...common(entry), "--outfile", ours];
  }

  /** The least that a program can do which builds in its own process. */
  function bareBuild(entry: string): string[] {
    const options = {
      entrypoints: [entry],
      features: enabledFlags(state.flags),
      minify: { syntax: true },
      target: "bun",
    };
    const program = join(folder, "bare.js");
    writeFileSync(
      program,
      `const { outputs } = await Bun.build(${JSON.stringify(options)});\n` +
        `await Bun.write(${JSON.stringify(ours)}, outputs[0]);\n`,
    );
    return [process.execPath, program];
  }

  async function benchLedger(
    name: string,
    packages: "external" | "bundle",
    secondsMax: number,
  ): Promise<void> {
    const start = Bun.nanoseconds();
    const ledger = await measureLedger([input.feature], state, { packages, target: "bun" });
    const seconds = (Bun.nanoseconds() - start) / 1e9;
    const sum = ledger.flags.reduce((total, { removes }) => total + removes.raw, 0);
    if (ledger.flags.length !== 32 || sum <= 0) throw new Error("the ledger is not right");
    const within = seconds <= secondsMax;
    holds &&= within;
    console.log(
      `${`ledger of 32 flags, ${name}`.padEnd(44)} ${seconds.toFixed(2)} s for ${ledger.builds} builds` +
        `, at most ${secondsMax} s: ${verdict(within)}`,
    );
    if (within && !quick) return;
    const bare = await buildEachFlag(input.feature, state, { packages, target: "bun" });
    console.log(`${"  the same builds by Bun.build, and gzip".padEnd(44)} ${bare.toFixed(2)} s`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(holds || quick ? 0 : 1);

/** What both builds are told. */
function common(entry: string): string[] {
  return [entry, "--minify-syntax", "--target=bun"];
}

/** Says how much longer the subject takes, and whether it may. */
function printExtra(name: string, { subject, floor }: Comparison): boolean {
  const extra = (subject - floor) / 1e6;
  const within = extra <= EXTRA_MS_MAX;
  console.log(
    `${name.padEnd(44)} ${formatTime(subject)} / ${formatTime(floor)}` +
      `  ${extra.toFixed(1)} ms more, at most ${EXTRA_MS_MAX}: ${verdict(within)}`,
  );
  return within;
}

/** @returns nanoseconds */
function runOnce(command: readonly string[], cwd: string): number {
  const start = Bun.nanoseconds();
  const { exitCode, stderr } = Bun.spawnSync([...command], {
    cwd,
    stdout: "ignore",
    stderr: "pipe",
  });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
  return Bun.nanoseconds() - start;
}
