import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
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

test("every Zig file with tests is named where they are run", () => {
  const root = readFileSync(join(REPOSITORY, "src", "immuconfig.zig"), "utf8");
  const tested = [...new Bun.Glob("**/*.zig").scanSync(join(REPOSITORY, "src"))].filter((path) =>
    /^test "/m.test(readFileSync(join(REPOSITORY, "src", path), "utf8")),
  );
  const named = (path: string): boolean =>
    root.includes(`@import("${path.replaceAll("\\", "/")}")`);
  expect(tested.length).toBeGreaterThan(0);
  expect(tested.filter((path) => !named(path))).toEqual([]);
});

testWithZig(
  "the Zig unit tests pass",
  () => {
    // A failing test makes `zig build` fail.
    expect(runZigBuild(["test"])).toBe("");
  },
  300_000,
);
