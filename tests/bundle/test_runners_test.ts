/** Tests that run under Vitest or `bun test` see the record. */

import { afterAll, describe, expect, test } from "bun:test";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { build as viteBuild } from "vite";
import { immuconfig } from "../../src/bundle/adapters/vite.ts";
import { enabledFlags } from "../../src/bundle/flags/build_flags.ts";
import { loadBuildFlags } from "../../src/bundle/adapters/common.ts";
import { makeFolder, writeFiles, writeFixtureRecord, writeRecord } from "./support.ts";
import { REPOSITORY } from "../support/repository.ts";

const folder = makeFolder();
const file = writeFixtureRecord(folder);
writeFiles(folder, {
  "package.json": '{ "type": "module" }',
  "flags.ts": `import { feature } from "bun:bundle";
export const flags = [feature("ON") ? 1 : 0, feature("OFF") ? 1 : 0];
`,
});
symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"), "junction");
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
    "vitest.config.ts": `import { immuconfig } from ${JSON.stringify(join(REPOSITORY, "src/bundle/adapters/vite.ts"))};
export default { plugins: [immuconfig()] };
`,
  });
  // Bun has not all that the pool of processes needs; the pool of threads it has.
  const vitest = join(REPOSITORY, "node_modules/vitest/vitest.mjs");
  const { exitCode, text } = run(["--bun", vitest, "run", "--pool=threads", "--dir=vitest"]);
  expect({ exitCode, text }).toMatchObject({
    exitCode: 0,
    text: expect.stringContaining("1 passed"),
  });
}, 25_000);

test("Vitest with a root that has a record of its own, and a cache on the disk", () => {
  const root = join(folder, "packages", "own");
  writeFiles(root, {
    "state.test.ts": `import { feature } from "bun:bundle";
import { test } from "vitest";
test("state", () => console.log("STATE", feature("ON") ? "on" : "off"));
`,
    "vitest.config.ts": `import { immuconfig } from ${JSON.stringify(join(REPOSITORY, "src/bundle/adapters/vite.ts"))};
export default { plugins: [immuconfig()], test: { fsModuleCache: true } };
`,
  });
  const vitest = join(REPOSITORY, "node_modules/vitest/vitest.mjs");
  for (const enabled of [false, true, false]) {
    writeRecord(join(root, "bunfig.lockb"), { ON: { enabled } });
    const { text } = run(["--bun", vitest, "run", "--pool=threads", "--root=packages/own"]);
    expect(text).toContain(enabled ? "STATE on" : "STATE off");
  }
}, 90_000);

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
    "cached.config.ts": `import { immuconfig } from ${JSON.stringify(join(REPOSITORY, "src/bundle/adapters/vite.ts"))};
export default { plugins: [immuconfig({ file: ${JSON.stringify(record)} })], test: { fsModuleCache: true } };
`,
  });
  const vitest = join(REPOSITORY, "node_modules/vitest/vitest.mjs");
  for (const enabled of [false, true, false, true]) {
    writeRecord(record, { ON: { enabled }, OFF: {} });
    const words = ["--bun", vitest, "run", "--pool=threads", "--dir=cached"];
    const { text } = run([...words, "--config=cached.config.ts"]);
    expect(text).toContain(enabled ? "STATE on" : "STATE off");
  }
}, 90_000);

const TESTING = JSON.stringify(join(REPOSITORY, "src/bundle/adapters/testing.ts"));

/** One file of tests for both runners. */
function withFeaturesTests(runner: string): string {
  return `import { expect, test } from "${runner}";
import { withFeatures } from ${TESTING};
import { ask } from "../ask.ts";
const later = () => new Promise((done) => setTimeout(done, 5));
test("as the record says", () => expect(ask()).toEqual(["on", "off", 24]));
test("turned, and as before behind", () => {
  expect(withFeatures({ ON: false, OFF: true }, ask)).toEqual(["off", "on", 24]);
  expect(() => withFeatures({ OFF: true }, () => { throw new Error("theirs"); })).toThrow("theirs");
  expect(ask()).toEqual(["on", "off", 24]);
});
test("as long as a promise lasts", async () => {
  const turned = withFeatures({ OFF: true }, async () => {
    await later();
    return withFeatures({ ON: false }, ask);
  });
  expect(withFeatures({}, ask)).toEqual(["on", "on", 24]);
  expect(await withFeatures({ OFF: false }, async () => { await later(); return ask(); })).toEqual(["on", "off", 24]);
  expect(await turned).toEqual(["off", "on", 24]);
  expect(ask()).toEqual(["on", "off", 24]);
});
test("what is imported first inside", async () => {
  const { level } = await withFeatures({ OFF: true }, () => import("../level.ts"));
  expect(level).toBe("on");
});
test("an unknown flag", () => expect(() => withFeatures({ NOPE: true }, ask)).toThrow("no flag NOPE"));
`;
}

const ASKING = {
  "ask.ts": `import { feature } from "bun:bundle";
export const ask = (): unknown[] => [feature("ON") ? "on" : "off", feature("OFF") ? "on" : "off", Bun.config.terminal.rows];
`,
  "level.ts": `import { feature } from "bun:bundle";
export const level: string = feature("OFF") ? "on" : "off";
`,
  "wrong.ts": `import { feature } from "bun:bundle";
export const wrong = feature("OFF");
`,
};
const VITE_CONFIG = `import { immuconfig } from ${JSON.stringify(join(REPOSITORY, "src/bundle/adapters/vite.ts"))};
export default { plugins: [immuconfig()] };
`;

function runVitest(tests: string) {
  const program = join(REPOSITORY, "node_modules/vitest/vitest.mjs");
  return run(["--bun", program, "run", "--pool=threads", `--dir=${tests}`]);
}

describe("withFeatures", () => {
  test("under Vitest, where a mock of the module counts, too", () => {
    writeFiles(folder, {
      ...ASKING,
      "turned/turned.test.ts": withFeaturesTests("vitest"),
      "turned/mock.test.ts": `import { expect, test, vi } from "vitest";
import { ask } from "../ask.ts";
vi.mock("bun:bundle", () => ({ feature: () => true }));
test("mocked", () => expect(ask()).toEqual(["on", "on", 24]));
`,
      "vitest.config.ts": VITE_CONFIG,
    });
    const { exitCode, text } = runVitest("turned");
    expect({ exitCode, text }).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining("6 passed"),
    });
  }, 60_000);

  test("under Vitest, mistakes are told as in a build", () => {
    writeFiles(folder, {
      ...ASKING,
      "bad/bad.test.ts": 'import { wrong } from "../wrong.ts"; console.log(wrong);\n',
      "vitest.config.ts": VITE_CONFIG,
    });
    expect(runVitest("bad").text).toContain("wrong.ts:2:22: ");
  }, 60_000);

  test("under bun test, with the preload", () => {
    const record = join(folder, "bunfig.lockb");
    writeFiles(folder, {
      ...ASKING,
      "turned-bun/turned_test.ts": withFeaturesTests("bun:test")
        .replaceAll(", 24]", ", rows]")
        .replace(
          "const later",
          "const rows = 24;\nObject.assign(Bun, { config: { terminal: { rows } } });\nconst later",
        ),
      "turned-bun/mock_test.ts": `import { expect, mock, test } from "bun:test";
import { ask } from "../ask.ts";
test("mocked", () => {
  mock.module("bun:bundle", () => ({ feature: () => true }));
  Object.assign(Bun, { config: { terminal: { rows: 1 } } });
  expect(ask()).toEqual(["on", "on", 1]);
});
`,
    });
    const words = ["test", `--preload=${JSON.parse(TESTING)}`, "turned-bun"];
    const { exitCode, text } = run(words, { IMMUCONFIG_FILE: record });
    expect({ exitCode, text }).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining("6 pass"),
    });
  }, 60_000);

  test("says so where nothing asks", () => {
    writeFiles(folder, {
      "none/none_test.ts": `import { test } from "bun:test";
import { withFeatures } from ${TESTING};
const failing = () => { throw new Error("theirs"); };
test("none", () => withFeatures({ ON: false }, () => 1));
test("fails", () => withFeatures({ ON: false }, failing));
test("fails later", () => withFeatures({ ON: false }, async () => failing()));
`,
    });
    const { exitCode, text } = run(["test", "none"]);
    expect(exitCode).toBe(1);
    const told =
      /^(?:ImmuconfigError|error): no module .*"immuconfig\/testing" to preload under \[test\]/gm;
    expect(text.match(told)).toHaveLength(3);
    expect(text).toMatch(/^error: theirs$/m);
  }, 60_000);
});

test("a build is decided, whatever other plugins are called", async () => {
  const entry = writeFiles(folder, { "built/ask.js": ASKING["level.ts"].replace(": string", "") });
  const result = await viteBuild({
    root: folder,
    configFile: false,
    logLevel: "silent",
    plugins: [{ name: "vitest:theirs" }, immuconfig({ file })],
    build: { write: false, lib: { entry, formats: ["es"] } },
  });
  const [{ output } = { output: [] }] = Array.isArray(result) ? result : [];
  const text = output.map((one) => ("code" in one ? one.code : "")).join("");
  expect(text).toContain("off");
  expect(text).not.toMatch(/immu:flags|immuconfig\.testing|bun:bundle/);
}, 60_000);
