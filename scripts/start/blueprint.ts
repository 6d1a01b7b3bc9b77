/**
 * The blueprint's proof: five commands, run for real on this repository with its own record. Each
 * prints what it showed, and what it measured beside the claim.
 */

import { copyFileSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "./project.ts";
import { expect, heading, step } from "./step.ts";

const root = join(import.meta.dir, "..", "..");
const CLI = join(root, "src", "cli", "config.ts");
const REGISTRY = "https://registry.example.test";
const LOAD_MS = 3_000;
const CONNECTIONS = 8;
const OUTPUT = ["--target", "bun", "--outdir", "profiled"];

export async function runBlueprintSteps(project: Project): Promise<void> {
  heading("The blueprint's five commands");
  await step("bun-config build ./src/immuconfig.zig --outfile ./lib/immuconfig.wasm", buildCore);
  await step("bun ./src/cli/config.ts set registry, on a copy of this repository's record", () =>
    setRegistry(project),
  );
  await step("bun-config build src/server.ts --feature CLICK_STATS --outdir ./profiled", () =>
    project.config("build", "src/server.ts", "--feature", "CLICK_STATS", ...OUTPUT),
  );
  await step("bun --cpu-prof ./profiled/server.js, under load", () => profileServer(project));
  await step("bun test ./tests/config_immutability_test.ts", runImmutabilityTest);
}

async function buildCore(): Promise<string> {
  const wasm = join(root, "lib", "immuconfig.wasm");
  const said = runHere([CLI, "build", "./src/immuconfig.zig", "--outfile", wasm]);
  const { instance } = await WebAssembly.instantiate(readFileSync(wasm), {});
  const count = Object.keys(instance.exports).length;
  expect(count > 0, "the module exports nothing");
  return `${said}\n${statSync(wasm).size} bytes, ${count} exports`;
}

function setRegistry(project: Project): string {
  const copy = join(project.folder, "copy.lockb");
  copyFileSync(join(root, "bunfig.lockb"), copy);
  const said = runHere([CLI, "set", "registry", REGISTRY, "--file", copy]);
  expect(said.startsWith("Wrote registryHash c8c87440 in "), `it said: ${said}`);
  return `${said}\nclaimed: 45 ns. A durable write waits for the disk: bun run bench:claims`;
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly url: string; readonly functionName: string };
    readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
  }[];
  readonly samples: readonly number[];
  readonly startTime: number;
  readonly endTime: number;
}

/** Asks the profiled server for its configuration for a while, then reads the profile. */
async function profileServer(project: Project): Promise<string> {
  const folder = join(project.folder, "profile");
  const command = [
    "bun",
    "--cpu-prof",
    "--cpu-prof-interval",
    "100",
    "--cpu-prof-dir",
    folder,
    "profiled/server.js",
  ];
  const requests = await project.serve(command, async (url) => {
    const end = performance.now() + LOAD_MS;
    let count = 0;
    const ask = async () => {
      while (performance.now() < end) {
        const answer = (await (await fetch(`${url}/config`)).json()) as { record: string };
        expect(answer.record.length === 26, "the server answered without its record");
        count++;
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, ask));
    return count;
  });
  const name = readdirSync(folder).find((file) => file.endsWith(".cpuprofile"));
  const profile = JSON.parse(readFileSync(join(folder, name ?? ""), "utf8")) as Profile;
  return describeProfile(profile, join(project.folder, "profiled", "server.js"), requests);
}

/** The route that is asked reads three fields of the record a request. */
const READS_PER_REQUEST = 3;

function describeProfile(profile: Profile, bundle: string, requests: number): string {
  const lines = readFileSync(bundle, "utf8").split("\n");
  const reads = new Set(
    lines.flatMap((line, i) =>
      /\bconfig\.(?:record|registry|features)\b/.test(line) ? [i + 1] : [],
    ),
  );
  expect(reads.size > 0, "the bundle does not read the record");
  let ticks = 0;
  for (const { callFrame, positionTicks = [] } of profile.nodes) {
    if (!callFrame.url.endsWith("server.js")) continue;
    for (const tick of positionTicks) if (reads.has(tick.line)) ticks += tick.ticks;
  }
  const total = profile.samples.length;
  expect(total > 100, `the profile has only ${total} samples`);
  const share = ticks / total;
  const nanoseconds = ((profile.endTime - profile.startTime) * 1e3 * share) / requests;
  return [
    `${requests} requests in ${LOAD_MS / 1000} s; ${total} samples, ${ticks} of them on lines that read the record (${(100 * share).toFixed(2)} %)`,
    `at most ${(nanoseconds / READS_PER_REQUEST).toFixed(1)} ns a read, all else on those lines included`,
    "claimed: 0.5 ns, which no sampling profile can show: bun run bench:claims",
  ].join("\n");
}

function runImmutabilityTest(): string {
  const { exitCode, stderr } = Bun.spawnSync(
    [process.execPath, "test", "./tests/config_immutability_test.ts"],
    { cwd: root, stdio: ["ignore", "ignore", "pipe"] },
  );
  const summary = stderr.toString();
  expect(exitCode === 0, summary);
  return `${/(\d+) pass/.exec(summary)?.[0] ?? "?"}, ${/(\d+) fail/.exec(summary)?.[0] ?? "?"}`;
}

function runHere(words: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, ...words], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(exitCode === 0, stderr.toString());
  return stdout.toString().trim();
}
