import { afterAll, beforeAll, describe, expect } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findZig } from "../../src/zig_import/find_zig.ts";
import { zigPlugin } from "../../src/zig_import/plugin.ts";
import { REPOSITORY } from "../support/repository.ts";
import { testWithZig, ZIG_CACHE } from "../support/zig.ts";

const sample = join(import.meta.dir, "fixtures", "sample.zig");
const broken = join(import.meta.dir, "fixtures", "broken.zig");
const pluginPath = join(REPOSITORY, "src", "zig_import", "plugin.ts");

let folder = "";
let countingZig = "";
const runs = (): number =>
  existsSync(join(folder, "runs")) ? readFileSync(join(folder, "runs"), "utf8").length : 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "immuconfig-zig-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A compiler that leaves a mark for every run of it. */
function makeCountingZig(): string {
  if (countingZig !== "") return countingZig;
  countingZig = join(folder, "zig");
  const zig = findZig({ from: import.meta.dir, path: process.env["PATH"] });
  writeFileSync(
    countingZig,
    `#!/bin/sh\nprintf x >> '${join(folder, "runs")}'\nexec '${zig}' "$@"\n`,
  );
  chmodSync(countingZig, 0o755);
  return countingZig;
}

async function bundle(entry: string): Promise<string> {
  const plugin = zigPlugin({ zig: makeCountingZig(), cache: join(folder, "cache") });
  const built = await Bun.build({ entrypoints: [entry], target: "bun", plugins: [plugin] });
  return (await built.outputs[0]?.text()) ?? "";
}

describe.skipIf(process.platform === "win32")("zigPlugin", () => {
  testWithZig(
    "bundles a Zig import, compiled once, and the bundle runs",
    async () => {
      const entry = join(folder, "app.ts");
      writeFileSync(
        entry,
        `import { add, answer, enabled, firstWord, largest } from ${JSON.stringify(sample)};
         console.log(add(1, 2), answer, enabled, new TextDecoder().decode(firstWord("a b")), largest());`,
      );
      const first = await bundle(entry);
      expect(runs()).toBe(1);
      const output = join(folder, "app.js");
      writeFileSync(output, first);
      const run = Bun.spawnSync([process.execPath, output], { timeout: 20_000 });
      expect(run.stdout.toString()).toBe("3 42 true a 18446744073709551615n\n");
      expect(await bundle(entry)).toBe(first);
      expect(runs()).toBe(1);
    },
    120_000,
  );

  testWithZig(
    "serves a program that preloads it",
    () => {
      const preload = join(folder, "preload.ts");
      const options = { zig: makeCountingZig(), cache: join(folder, "cache") };
      writeFileSync(
        preload,
        `import { plugin } from "bun";
         import { zigPlugin } from ${JSON.stringify(pluginPath)};
         plugin(zigPlugin(${JSON.stringify(options)}));`,
      );
      const program = join(folder, "program.ts");
      writeFileSync(
        program,
        `import { sum } from ${JSON.stringify(sample)};
         console.log(sum(Uint8Array.of(1, 2, 3)));`,
      );
      const run = Bun.spawnSync([process.execPath, "--preload", preload, program], {
        timeout: 60_000,
      });
      expect(run.stderr.toString()).toBe("");
      expect(run.stdout.toString()).toBe("6\n");
    },
    120_000,
  );

  testWithZig(
    "fails the build with Zig's message at its line",
    async () => {
      const entry = join(folder, "broken.ts");
      writeFileSync(entry, `import { add } from ${JSON.stringify(broken)}; console.log(add(1));`);
      const plugin = zigPlugin({ cache: ZIG_CACHE });
      const built = await Bun.build({ entrypoints: [entry], plugins: [plugin], throw: false });
      expect(built.success).toBe(false);
      expect(built.logs[0]?.message).toContain(
        "broken.zig:2:19: error: use of undeclared identifier 'rigth'",
      );
    },
    120_000,
  );

  testWithZig(
    "has no export for a function that cannot cross",
    async () => {
      const entry = join(folder, "skipped.ts");
      writeFileSync(entry, `import { allocate } from ${JSON.stringify(sample)}; allocate();`);
      const plugin = zigPlugin({ cache: ZIG_CACHE });
      const built = await Bun.build({ entrypoints: [entry], plugins: [plugin], throw: false });
      expect(built.success).toBe(false);
      expect(built.logs[0]?.message).toContain('No matching export in "');
    },
    120_000,
  );
});
