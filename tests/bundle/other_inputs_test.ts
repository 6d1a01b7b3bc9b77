/** What reaches a bundler by other ways than an import: workers of Vite, scripts that are texts. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { build as viteBuild } from "vite";
import * as forEsbuild from "../../src/bundle/adapters/esbuild.ts";
import * as forVite from "../../src/bundle/adapters/vite.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeFixtureRecord } from "./support.ts";

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
