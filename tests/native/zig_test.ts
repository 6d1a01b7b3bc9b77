import { expect, test } from "bun:test";
import { join } from "node:path";
import { runZigBuild } from "../../scripts/zig_build.ts";
import { findZig } from "../../src/zig_import/find_zig.ts";
import { REPOSITORY } from "../support/repository.ts";
import { testWithZig } from "../support/zig.ts";

test("layout.zig is what the TypeScript sources say", () => {
  const script = join(REPOSITORY, "scripts", "generate_layout.ts");
  const run = Bun.spawnSync([process.execPath, script, "--check"], { timeout: 60_000 });
  expect([run.stderr.toString(), run.exitCode]).toEqual(["", 0]);
});

testWithZig("the Zig sources are formatted", () => {
  const zig = findZig({ from: REPOSITORY, path: process.env["PATH"] });
  const sources = ["build.zig", "src", "scripts", "benches", "tests"];
  const run = Bun.spawnSync([zig, "fmt", "--check", ...sources], {
    cwd: REPOSITORY,
    timeout: 60_000,
  });
  // Zig names the files that are not.
  expect([run.stdout.toString(), run.exitCode]).toEqual(["", 0]);
});

testWithZig(
  "the Zig unit tests pass",
  () => {
    // A failing test makes `zig build` fail.
    expect(runZigBuild(["test"])).toBe("");
  },
  300_000,
);
