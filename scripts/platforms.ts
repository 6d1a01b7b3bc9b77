// Runs the package on every platform that it is for, as far as this machine can: `bun run platforms`,
// or `bun run platforms musl arm64` for some. Prints how many tests passed and failed on each;
// --write puts the table into docs/platforms.md. Ends with 1 when a test fails.
import { messageOf } from "../src/base/errors.ts";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replaceMeasured } from "../benches/support/page.ts";
import { LINUX_ARM64 } from "./platforms/linux_arm64.ts";
import { LINUX_X64 } from "./platforms/linux_x64.ts";
import type { Platform, Runtime } from "./platforms/platform.ts";
import { WINDOWS } from "./platforms/windows.ts";
import { packPackages } from "./pack.ts";
import { installInto, must, ROOT, run, TOOLS } from "./platforms/tools.ts";

const PLATFORMS: readonly Platform[] = [...LINUX_X64, LINUX_ARM64, ...WINDOWS];
const SUITE = join(ROOT, "tests", "platforms", "suite_child.mjs");
const VECTORS = join(ROOT, "tests", "vectors");
const PLATFORM_MS_MAX = 1_200_000;

interface Count {
  passed: number;
  failed: number;
}

interface Result {
  readonly platform: Platform;
  readonly suite: Count;
  readonly own: Count | undefined;
}

const words = process.argv.slice(2);
const write = words.includes("--write");
const wanted = words.filter((word) => !word.startsWith("--"));
const ids = PLATFORMS.map(({ id }) => id);
if (wanted.some((word) => !ids.includes(word))) {
  console.error(`usage: bun run platforms [--write] [${ids.join(" | ")}]`);
  process.exit(2);
}

mkdirSync(TOOLS, { recursive: true });
must([process.execPath, "scripts/build_native.ts", "--all"]);
const tarballs = packPackages(join(TOOLS, "pack"));
const results: Result[] = [];
for (const platform of PLATFORMS) {
  if (wanted.length > 0 && !wanted.includes(platform.id)) continue;
  const result = await runPlatform(platform);
  results.push(result);
  const own = result.own === undefined ? "" : `, own tests ${spell(result.own)}`;
  console.log(`${platform.name.padEnd(40)} suite ${spell(result.suite)}${own}`);
}
if (write) {
  const path = join(ROOT, "docs", "platforms.md");
  writeFileSync(
    path,
    replaceMeasured(readFileSync(path, "utf8"), "bun run platforms --write", [table(results)]),
  );
}
const failed = results.some(({ suite, own }) => suite.failed > 0 || (own?.failed ?? 0) > 0);
process.exit(failed ? 1 : 0);

async function runPlatform(platform: Platform): Promise<Result> {
  const { target, parts, tests } = platform;
  // Outside of the repository, whose own record would be found.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-platform-")));
  try {
    installInto(folder, target, tarballs);
    if (parts.includes("writers")) await addWriter(folder);
    const runtime = platform.prepare();
    const suite = runSuite(runtime, folder, parts);
    const own = tests === undefined ? undefined : runOwnTests(runtime, tests);
    return { platform, suite, own };
  } catch (error) {
    const reason = messageOf(error);
    console.error(`platforms: ${platform.name}: ${reason}`);
    return { platform, suite: { passed: 0, failed: 1 }, own: undefined };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the part _writers_ starts many times: the store alone, beside the package's library. */
async function addWriter(folder: string): Promise<void> {
  const writers = join(folder, "writers");
  const entry = join(ROOT, "tests", "store", "children", "change.ts");
  await Bun.build({ entrypoints: [entry], outdir: join(writers, "dist"), target: "node" });
  cpSync(join(folder, "node_modules", "immuconfig", "lib"), join(writers, "lib"), {
    recursive: true,
  });
}

function runSuite(runtime: Runtime, folder: string, parts: readonly string[]): Count {
  const { seen = (path) => path } = runtime;
  const suite = join(folder, "suite.mjs");
  cpSync(SUITE, suite);
  cpSync(VECTORS, join(folder, "vectors"), { recursive: true });
  const command = [
    ...commandIn(runtime, folder),
    seen(suite),
    seen(join(folder, "vectors")),
    ...parts,
  ];
  const { exitCode, stdout, stderr } = run(command, {
    cwd: folder,
    env: { ...process.env, ...runtime.env },
    ms: PLATFORM_MS_MAX,
  });
  const lines = stdout.trim().split("\n");
  for (const line of lines.slice(0, -1)) console.error(`  ${line}`);
  try {
    return JSON.parse(lines.at(-1) ?? "") as Count;
  } catch {
    throw new Error(
      `the suite ended with ${exitCode}: ${(lines.at(-1) ?? "") + stderr.slice(-500)}`,
    );
  }
}

function runOwnTests(runtime: Runtime, tests: readonly string[]): Count {
  const report = join(tmpdir(), `immuconfig-platform-${process.pid}.xml`);
  const reporter = ["--reporter=junit", `--reporter-outfile=${report}`];
  const command = [
    ...commandIn(runtime, ROOT),
    "test",
    ...reporter,
    ...tests.map((test) => `tests/${test}`),
  ];
  const { stderr } = run(command, { env: { ...process.env, ...runtime.env }, ms: PLATFORM_MS_MAX });
  for (const line of stderr.split("\n")) if (line.startsWith("(fail)")) console.error(`  ${line}`);
  const totals = /<testsuites [^>]*>/.exec(readFileSync(report, "utf8"))?.[0] ?? "";
  rmSync(report, { force: true });
  const count = (name: string): number =>
    Number(new RegExp(`\\s${name}="(\\d+)"`).exec(totals)?.[1] ?? 0);
  return {
    passed: count("tests") - count("failures") - count("skipped"),
    failed: count("failures"),
  };
}

/** A command of the platform, with the folder where it starts in the place of `$PWD`. */
function commandIn({ command, seen = (path) => path }: Runtime, folder: string): string[] {
  return command.map((word) => (word === "$PWD" ? seen(folder) : word));
}

function spell({ passed, failed: bad }: Count): string {
  return `${passed} passed, ${bad} failed`;
}

function table(rows: readonly Result[]): string {
  const lines = rows.map(({ platform: { name, parts, how }, suite, own }) => {
    const ours = own === undefined ? "" : spell(own);
    return `| ${name} | ${parts.join(", ")} | ${spell(suite)} | ${ours} | ${how} |`;
  });
  const head = "| platform | parts | suite | own tests | how it is run |";
  return [head, "| --- | --- | --- | --- | --- |", ...lines].join("\n");
}
