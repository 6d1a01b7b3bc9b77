/** Under Node's permissions: what may not be had is done without, or refused in words. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { buildPackage, makeProject } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { run, type RunResult } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
const NODE = findTool("node");
/** Node 20 calls it an experiment, and says so. */
const FLAG =
  spawnSync(NODE ?? "", ["--permission", "-e", "0"]).status === 0
    ? ["--permission"]
    : ["--experimental-permission", "--no-warnings"];
const PROGRAM = `import { config } from "immuconfig";
  import { live } from "immuconfig/live";
  import { native } from "immuconfig/native";
  import { parse } from "immuconfig/core";
  import { readFileSync } from "node:fs";
  const same = parse(readFileSync("bunfig.lockb")).record === config.record;
  console.log(same, live.features.DEBUG === config.features.DEBUG, native.backend);
  live.close();`;

beforeAll(buildPackage);

const everywhere = (action: string): string => `--allow-fs-${action}=*`;

async function inProject(
  allowed: readonly string[],
  words?: readonly string[],
): Promise<RunResult> {
  const cwd = temporaryFolder();
  makeProject(cwd);
  writeFileSync(join(cwd, "program.mjs"), PROGRAM);
  const env = { HOME: cwd, IMMUCONFIG_RUNTIME_DIR: join(cwd, "runtime") };
  const program =
    words === undefined ? ["program.mjs"] : [join(REPOSITORY, "dist/cli/config.js"), ...words];
  return run([NODE ?? "", ...FLAG, ...allowed, ...program], { cwd, env });
}

describe.skipIf(NODE === undefined)("Node", () => {
  test.each([
    ["files to read", [everywhere("read")]],
    ["files to read and to write", [everywhere("read"), everywhere("write")]],
  ])("a program with %s reads in every way, without addons and children", async (_, allowed) => {
    expect(await inProject(allowed)).toEqual({
      stdout: "true true wasm\n",
      stderr: "",
      exitCode: 0,
    });
  });

  test("a command says which option it needs", async () => {
    const change = ["feature", "enable", "DEBUG"];
    const [unwritten, unlocked] = [
      await inProject([everywhere("read")], change),
      await inProject([everywhere("read"), everywhere("write")], change),
    ];
    expect(unwritten).toMatchObject({ exitCode: 1, stdout: "" });
    expect(unwritten.stderr).toContain("--allow-fs-write=PATH");
    expect(unlocked).toMatchObject({ exitCode: 1, stdout: "" });
    expect(unlocked.stderr).toContain("--allow-addons");
    expect(await inProject([everywhere("read")], ["get", "version"])).toMatchObject({
      stdout: "1\n",
    });
  });
});
