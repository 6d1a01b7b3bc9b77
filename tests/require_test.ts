/** The package in CommonJS: nothing of it waits when it is loaded, so `require()` can have it. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROCESS_TESTS_TIMEOUT_MS } from "./support/cli.ts";
import { buildPackage, makeProject, RUNTIMES } from "./support/project.ts";
import { run } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const PROGRAM = `
  const { config } = require("immuconfig");
  const { parse } = require("immuconfig/core");
  const { live } = require("immuconfig/live");
  const { native } = require("immuconfig/native");
  const bytes = require("node:fs").readFileSync("bunfig.lockb");
  native.load(bytes);
  const records = [config.record, parse(bytes).record, live.generation, native.version()];
  console.log(JSON.stringify([...records, live.problem?.code ?? null]));`;

test.each(RUNTIMES)("require() under %s", async (_, runtime) => {
  const folder = temporaryFolder();
  makeProject(folder);
  writeFileSync(join(folder, "program.cjs"), PROGRAM);
  // The first of the host, which makes the segment, and the next.
  const env = { IMMUCONFIG_RUNTIME_DIR: temporaryFolder() };
  for (const _time of [1, 2]) {
    const ran = await run([runtime, "program.cjs"], { cwd: folder, env });
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    const [config, parsed, generation, version, problem] = JSON.parse(ran.stdout) as unknown[];
    expect(parsed).toBe(config);
    expect({ generation, version, problem }).toEqual({ generation: 1, version: 1, problem: null });
  }
});
