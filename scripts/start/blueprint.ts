/**
 * The blueprint's proof: five commands, run for real on this repository with its own record. Each
 * prints what it showed, and what it measured beside the claim.
 */

import { copyFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root, runHere } from "./here.ts";
import type { Project } from "./project.ts";
import { runServerSteps } from "./server.ts";
import { expect, heading, step } from "./step.ts";

const CLI = join(root, "src", "cli", "config.ts");
const REGISTRY = "https://registry.example.test";

export async function runBlueprintSteps(project: Project): Promise<void> {
  heading("The blueprint's five commands");
  await step("bun-config build ./src/immuconfig.zig --outfile ./lib/immuconfig.wasm", buildCore);
  await step("bun ./src/cli/config.ts set registry, on a copy of this repository's record", () =>
    setRegistry(project),
  );
  await runServerSteps(project.folder);
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

function runImmutabilityTest(): string {
  const { exitCode, stderr } = Bun.spawnSync(
    [process.execPath, "test", "./tests/config_immutability_test.ts"],
    { cwd: root, stdio: ["ignore", "ignore", "pipe"] },
  );
  const summary = stderr.toString();
  expect(exitCode === 0, summary);
  return `${/(\d+) pass/.exec(summary)?.[0] ?? "?"}, ${/(\d+) fail/.exec(summary)?.[0] ?? "?"}`;
}
