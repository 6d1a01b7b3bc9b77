// What an upgrade costs besides the download, the unpacking and the runs of the program, and how
// much memory it takes: `bun benches/upgrade_bench.ts`. The floors are bare processes that only
// download, only unpack and only run. With --quick the program is small and runs are few.
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunProduct, currentHost } from "../src/upgrade/product.ts";
import { olderBun, OLDER_VERSION, placeProgram, realBun } from "../tests/support/real_bun.ts";
import { packRelease } from "../tests/support/tarball.ts";
import { TestRegistry } from "../tests/support/test_registry.ts";
import { fakeBun } from "../tests/support/upgrade_fixture.ts";
import { check, median, verdict } from "./support/measure.ts";

const REST_MS_MAX = 500;
const MEMORY_MAX = 64 * 1e6;
const CHILD_MS_MAX = 120_000;

interface Measured {
  milliseconds: number;
  /** Bytes of memory at its highest. */
  peak: number;
}

const quick = process.argv.includes("--quick") || olderBun === undefined;
const rounds = quick ? 1 : 7;
const child = join(import.meta.dir, "children", "upgrade.ts");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
const target = join(folder, "bun");
const { member, platformPackage } = bunProduct(currentHost());

try {
  process.exitCode = (await bench()) || quick ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function bench(): Promise<boolean> {
  await using registry = await TestRegistry.start();
  const version = quick ? "1.4.5" : Bun.version;
  const program = quick ? Buffer.from(fakeBun(version)) : readFileSync(realBun);
  const tarball = packRelease(member, program);
  registry.publish(platformPackage, { version, tarball });
  const tarballPath = join(folder, "release.tgz");
  writeFileSync(tarballPath, tarball);
  const keys = registry.writeKeys(folder);
  const url = `${registry.url}/${platformPackage}/-/${version}.tgz`;

  const all: Record<"idle" | "upgrade" | "download" | "unpack" | "runs", Measured[]> = {
    idle: [],
    upgrade: [],
    download: [],
    unpack: [],
    runs: [],
  };
  for (let round = 0; round < rounds; round++) {
    installOld();
    all.idle.push(await measure("idle"));
    all.upgrade.push(await measure("upgrade", registry.url, keys, target));
    check(statSync(target).size === program.length, "the program was not upgraded");
    all.download.push(await measure("download", url, join(folder, "bare.tgz")));
    all.unpack.push(await measure("unpack", tarballPath, join(folder, "bare.tar")));
    all.runs.push(await measure("runs", target));
  }

  const time = (name: keyof typeof all): number => median(all[name].map((m) => m.milliseconds));
  const floor = time("download") + time("unpack") + time("runs");
  const rest = time("upgrade") - floor;
  const memory = median(all.upgrade.map((m) => m.peak)) - median(all.idle.map((m) => m.peak));
  console.log(`upgrade of a ${megabytes(tarball.length)} tarball, medians of ${rounds}`);
  for (const name of ["upgrade", "download", "unpack", "runs"] as const) {
    const bare = name === "upgrade" ? "" : " (bare floor)";
    console.log(`  ${name.padEnd(10)}${time(name).toFixed(0).padStart(6)} ms${bare}`);
  }
  console.log(`  upgrade / floors: ${(time("upgrade") / floor).toFixed(2)}`);
  console.log(
    `  the rest: ${rest.toFixed(0)} ms, at most ${REST_MS_MAX} ms: ${verdict(rest <= REST_MS_MAX)}`,
  );
  console.log(
    `  memory over an idle Bun: ${megabytes(memory)}, at most ${megabytes(MEMORY_MAX)}: ` +
      verdict(memory < MEMORY_MAX),
  );
  return rest <= REST_MS_MAX && memory < MEMORY_MAX;
}

function installOld(): void {
  if (!quick && olderBun !== undefined) {
    placeProgram(olderBun, target);
    return;
  }
  rmSync(target, { force: true });
  writeFileSync(target, fakeBun(OLDER_VERSION), { mode: 0o755 });
}

async function measure(...words: string[]): Promise<Measured> {
  const run = Bun.spawn([process.execPath, child, ...words], {
    stdout: "pipe",
    stderr: "inherit",
    timeout: CHILD_MS_MAX,
  });
  const output = await new Response(run.stdout).text();
  if ((await run.exited) !== 0) throw new Error(`${words[0]} failed`);
  return JSON.parse(output) as Measured;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
