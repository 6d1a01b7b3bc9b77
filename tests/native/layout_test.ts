import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runZigBuild } from "../../scripts/zig_build.ts";
import { FLAG_ENTRY_SIZE, HEADER_SIZE, OFFSET, SETTINGS_SIZE } from "../../src/format/layout.ts";
import { FLAG_ENTRY, HEADER, SETTINGS, VERDICT } from "../../src/format/generated/layout.ts";
import { findZig } from "../../src/zig_import/find_zig.ts";
import { testWithZig } from "../support/zig.ts";

const root = join(import.meta.dir, "..", "..");

testWithZig(
  "layout.ts is what the Zig types say",
  () => {
    const committed = readFileSync(join(root, "src", "format", "generated", "layout.ts"), "utf8");
    expect(runZigBuild(["layout"])).toBe(committed);
  },
  300_000,
);

testWithZig("the Zig sources are formatted", () => {
  const zig = findZig({ from: root, path: process.env["PATH"] });
  const sources = ["build.zig", "src", "scripts", "benches", "tests"];
  const run = Bun.spawnSync([zig, "fmt", "--check", ...sources], { cwd: root, timeout: 60_000 });
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

test("both codecs have one layout", () => {
  expect(HEADER).toEqual({
    magic: OFFSET.magic,
    settings: OFFSET.record,
    checksum: OFFSET.checksum,
    generation: OFFSET.generation,
    state: OFFSET.state,
    keyId: OFFSET.keyId,
    seal: OFFSET.seal,
    SIZE: HEADER_SIZE,
  });
  expect(SETTINGS).toEqual({
    configVersion: OFFSET.configVersion - OFFSET.record,
    registryHash: OFFSET.registryHash - OFFSET.record,
    featureFlags: OFFSET.featureFlags - OFFSET.record,
    terminalMode: OFFSET.terminalMode - OFFSET.record,
    rows: OFFSET.rows - OFFSET.record,
    cols: OFFSET.cols - OFFSET.record,
    SIZE: SETTINGS_SIZE,
  } as unknown as typeof SETTINGS);
  expect(FLAG_ENTRY.SIZE).toBe(FLAG_ENTRY_SIZE);
  expect(VERDICT.SIZE).toBe(12);
});
