/** `openLive` as the package has it: a second file beside the project's own. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { setOverride } from "../../src/live/writer.ts";
import { buildPackage, makeProject, runProgram, RUNTIMES } from "../support/project.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { liveProject } from "./support.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
const PROGRAM = `import { live, openLive } from "immuconfig/live";
  const other = await openLive(process.env.OTHER, { env: process.env });
  console.log(JSON.stringify([{ ...live.features }, { ...other.features }]));
  other.close();
  live.close();`;

beforeAll(buildPackage);

test.each(RUNTIMES)("%s sees the flags of both, and an override of one", async (_, command) => {
  using other = liveProject();
  const folder = temporaryFolder();
  makeProject(folder);
  await setOverride(other.path, "A", true, { env: other.env });
  const env = { ...other.env, OTHER: other.path };
  const { stdout, stderr, exitCode } = await runProgram(command, folder, PROGRAM, { env });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(JSON.parse(stdout)).toEqual([{ DEBUG: false }, { A: true, B: false, DEBUG: false }]);
});
