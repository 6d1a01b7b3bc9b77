/** What reaches a bundler by other ways than an import: workers of Vite, scripts that are texts. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { build as viteBuild } from "vite";
import * as forBun from "../../src/bundle/adapters/bun.ts";
import * as forEsbuild from "../../src/bundle/adapters/esbuild.ts";
import serve from "../../src/bundle/adapters/serve.ts";
import * as forVite from "../../src/bundle/adapters/vite.ts";
import { bundle } from "../../src/bundle/build/bundle.ts";
import { openBuildFlags } from "../../src/bundle/flags/open_build_flags.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { failure, writeFiles, writeFixtureRecord } from "./support.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
const FLAGGED = `import { feature } from "bun:bundle";
import { config } from "immuconfig";
if (feature("ON")) postMessage("worker-on" + config.version); else postMessage("worker-off");
`;

test.each([false, true])("Vite's workers, with plugins of their own: %p", async (own) => {
  const root = temporaryFolder();
  const entry = writeFiles(root, {
    "main.js": 'new Worker(new URL("./worker.js", import.meta.url), { type: "module" });\n',
    "worker.js": FLAGGED,
  });
  const immuconfig = forVite.immuconfig({ file: writeFixtureRecord(root) });
  await viteBuild({
    root,
    configFile: false,
    logLevel: "silent",
    plugins: [immuconfig],
    worker: own ? { plugins: () => [{ name: "theirs" }] } : {},
    build: { outDir: "out", minify: false, rolldownOptions: { input: entry } },
  });
  const folder = join(root, "out", "assets");
  const worker = readdirSync(folder).find((name) => name.startsWith("worker-")) ?? "";
  const text = readFileSync(join(folder, worker), "utf8");
  expect(text).toContain("worker-on");
  expect(text).not.toMatch(/worker-off|bun:bundle|from "immuconfig"/);
});

test("esbuild leaves a script that is imported as its text", async () => {
  const root = temporaryFolder();
  const entry = writeFiles(root, {
    "main.js": 'import text from "./sample.ts" with { type: "text" };\nconsole.log(text);\n',
    "sample.ts": 'import * as wrong from "bun:bundle";\nwrong.feature("ON");\n',
  });
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    logLevel: "silent",
    plugins: [forEsbuild.immuconfig({ file: writeFixtureRecord(root) })],
  });
  expect(outputFiles[0]?.text).toContain("import * as wrong");
});

const TEXT = 'import * as wrong from "bun:bundle";\nwrong.feature("ON");\n';

test("esbuild leaves what its loaders take for text", async () => {
  const root = temporaryFolder();
  const entry = writeFiles(root, {
    "main.mjs": 'import text from "./sample.js";\nconsole.log(text);\n',
    "sample.js": TEXT,
  });
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    logLevel: "silent",
    loader: { ".js": "text" },
    plugins: [forEsbuild.immuconfig({ file: writeFixtureRecord(root) })],
  });
  expect(outputFiles[0]?.text).toContain("import * as wrong");
});

test.each([
  'import text from "./sample.ts" with { type: "text" };\nconsole.log(text);\n',
  'const { default: text } = await import("./sample.ts", { with: { type: "text" } });\nconsole.log(text);\n',
])("Bun's adapters leave a script that is imported as its text: %s", async (main) => {
  const root = temporaryFolder();
  const entry = writeFiles(root, { "main.ts": main, "sample.ts": TEXT });
  const immuconfig = forBun.immuconfig({ file: writeFixtureRecord(root) });
  const cwd = process.cwd();
  // The plugin for pages takes no options: it finds its record from the working folder.
  process.chdir(root);
  try {
    for (const plugin of [immuconfig, serve]) {
      const { outputs } = await Bun.build({ entrypoints: [entry], plugins: [plugin] });
      const texts = await Promise.all(outputs.map((one) => one.text()));
      expect(texts.join("")).toContain("import * as wrong");
    }
  } finally {
    process.chdir(cwd);
  }
});

test("a macro that asks for flags is refused where it is imported", async () => {
  const root = temporaryFolder();
  const entry = writeFiles(root, {
    "main.ts": '// first\nimport { m } from "./macro" with { type: "macro" };\nconsole.log(m());\n',
    "macro.ts":
      'import { feature } from "bun:bundle";\nexport const m = () => (feature("ON") ? 1 : 2);\n',
  });
  const file = writeFixtureRecord(root);
  const flags = openBuildFlags({ cwd: root, env: {}, file });
  const fault = await failure(() => bundle([entry], flags, { now: new Date() }));
  expect(fault).toMatch(/main\.ts:2:1: .*\[macro\]/);
  const plugins = [forBun.immuconfig({ file })];
  const other = await failure(() => Bun.build({ entrypoints: [entry], plugins }));
  expect(other).toMatch(/main\.ts:2:1: .*\[macro\]/);
});

test("a macro is found in an importer that spells the word with an escape", async () => {
  const root = temporaryFolder();
  const entry = writeFiles(root, {
    "main.ts": 'import { m } from "./m" with { type: "ma\\u0063ro" };\nconsole.log(m());\n',
    "m.ts":
      'import { feature } from "bun:bundle";\nexport const m = () => (feature("ON") ? 1 : 2);\n',
  });
  const flags = openBuildFlags({ cwd: root, env: {}, file: writeFixtureRecord(root) });
  const fault = await failure(() => bundle([entry], flags, { now: new Date() }));
  expect(fault).toMatch(/main\.ts:1:1: .*\[macro\]/);
});

testWith("strace")("what a package hands on and nobody uses is not read", async () => {
  const root = temporaryFolder();
  const names = Array.from({ length: 20 }, (_, i) => `part_${i}`);
  writeFiles(root, {
    "main.ts": 'import { part_0 } from "many";\nconsole.log(part_0);\n',
    "node_modules/many/package.json":
      '{"name":"many","type":"module","main":"index.js","sideEffects":false}',
    "node_modules/many/index.js": names
      .map((name) => `export { ${name} } from "./${name}.js";\n`)
      .join(""),
    ...Object.fromEntries(
      names.map((name) => [`node_modules/many/${name}.js`, `export const ${name} = 1;\n`]),
    ),
  });
  const file = writeFixtureRecord(root);
  const build = [BUN, CLI, "build", "main.ts", "--file", file, "--outfile", "out.js"];
  const log = join(root, "trace");
  const traced = ["strace", "-f", "-o", log, "-e", "trace=open,openat", ...build];
  const { exitCode, stderr } = await run(traced, { cwd: root });
  expect(exitCode, stderr).toBe(0);
  const opened = readFileSync(log, "utf8").match(/part_\d+\.js"/g) ?? [];
  expect(new Set(opened)).toEqual(new Set(['part_0.js"']));
});
