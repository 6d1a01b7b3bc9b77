/** Tests that run under Vitest or `bun test` see the record. */

import { afterAll, expect, test } from "bun:test";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { enabledFlags } from "../../src/bundle/flags/build_flags.ts";
import { loadBuildFlags } from "../../src/bundle/adapters/common.ts";
import { makeFolder, writeFiles, writeFixtureRecord, writeRecord } from "./support.ts";

const repository = join(import.meta.dir, "../..");
const folder = makeFolder();
const file = writeFixtureRecord(folder);
writeFiles(folder, {
  "package.json": '{ "type": "module" }',
  "flags.ts": `import { feature } from "bun:bundle";
export const flags = [feature("ON") ? 1 : 0, feature("OFF") ? 1 : 0];
`,
});
symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"), "junction");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function testFile(runner: string): string {
  return `import { expect, test } from "${runner}";
import { flags } from "./flags.ts";
test("flags", () => expect(flags).toEqual([1, 0]));
`;
}

function run(command: string[], env: Record<string, string> = {}) {
  const child = Bun.spawnSync([process.execPath, ...command], {
    cwd: folder,
    env: { ...process.env, ...env, NO_COLOR: "1" },
    timeout: 20_000,
  });
  return { exitCode: child.exitCode, text: child.stdout.toString() + child.stderr.toString() };
}

test("Vitest, with the adapter for Vite in its configuration", () => {
  writeFiles(folder, {
    "vitest/flags.test.ts": testFile("vitest").replace("./", "../"),
    "vitest.config.ts": `import { immuconfig } from ${JSON.stringify(join(repository, "src/bundle/adapters/vite.ts"))};
export default { plugins: [immuconfig()] };
`,
  });
  // Bun has not all that the pool of processes needs; the pool of threads it has.
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  const { exitCode, text } = run(["--bun", vitest, "run", "--pool=threads", "--dir=vitest"]);
  expect({ exitCode, text }).toMatchObject({
    exitCode: 0,
    text: expect.stringContaining("1 passed"),
  });
}, 25_000);

test("bun test, with the record's flags in BUN_OPTIONS", () => {
  writeFiles(folder, { "bun/flags_test.ts": testFile("bun:test").replace("./", "../") });
  const names = enabledFlags(loadBuildFlags({ file }));
  const { exitCode, text } = run(["test", "bun"], {
    BUN_OPTIONS: names.map((name) => `--feature=${name}`).join(" "),
  });
  expect({ exitCode, text }).toMatchObject({
    exitCode: 0,
    text: expect.stringContaining("1 pass"),
  });
}, 25_000);

test("Vitest with a cache on the disk follows the record", () => {
  const record = join(folder, "cached.lockb");
  writeFiles(folder, {
    "cached/state.test.ts": `import { test } from "vitest";
import { flags } from "../flags.ts";
test("state", () => console.log("STATE", flags[0] === 1 ? "on" : "off"));
`,
    "cached.config.ts": `import { immuconfig } from ${JSON.stringify(join(repository, "src/bundle/adapters/vite.ts"))};
export default { plugins: [immuconfig({ file: ${JSON.stringify(record)} })], test: { fsModuleCache: true } };
`,
  });
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  for (const enabled of [false, true, false, true]) {
    writeRecord(record, { ON: { enabled }, OFF: {} });
    const words = ["--bun", vitest, "run", "--pool=threads", "--dir=cached"];
    const { text } = run([...words, "--config=cached.config.ts"]);
    expect(text).toContain(enabled ? "STATE on" : "STATE off");
  }
}, 90_000);
