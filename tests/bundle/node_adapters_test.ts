/** Bundlers run in Node: the built adapter, in the Node of this machine. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { buildPackage } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { COMPONENTS } from "./components.ts";
import { writeFiles, writeFixtureRecord } from "./support.ts";

setDefaultTimeout(240_000);

const temporaryFolder = useTemporaryFolders();
const ADAPTER = join(REPOSITORY, "packages/build/dist/bundle/adapters/vite.js");
const BUILD = join(import.meta.dir, "children", "vite_in_node.mjs");

test("Vite builds a component in Node", async () => {
  await buildPackage();
  const [found] = COMPONENTS;
  if (found === undefined) throw new Error("there is no case");
  const root = temporaryFolder();
  writeFiles(root, {
    "main.js": `import * as all from "./${found.file}";\nconsole.log(all);\n`,
    [found.file]: found.text,
    "package.json": '{"type":"module"}',
  });
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  const words = ["node", BUILD, ADAPTER, writeFixtureRecord(root)];
  const { stdout, stderr, exitCode } = await run(words, { cwd: root, timeoutMs: 100_000 });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  for (const text of found.live) expect(stdout).toContain(text);
  for (const text of found.dead) expect(stdout).not.toContain(text);
});
