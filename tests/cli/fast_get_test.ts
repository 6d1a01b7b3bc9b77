import { expect, test } from "bun:test";
import { join } from "node:path";
import { FIELDS } from "../../src/cli/commands/record/record_fields.ts";
import { bootstrapFile, command, NO_HOME } from "../support/cli.ts";
import { hasAllCores } from "../support/native_cores.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();
const CHILD = join(import.meta.dir, "children", "fast_get_child.ts");

async function fastAnswers(lines: readonly string[], cwd: string): Promise<(string | null)[]> {
  const options = { cwd, env: { HOME: NO_HOME }, stdin: lines.join("\n") };
  return JSON.parse((await run([BUN, CHILD], options)).stdout) as (string | null)[];
}

test.skipIf(!hasAllCores)(
  "the library answers for every field and option, as the command does",
  async () => {
    const cwd = temporaryFolder();
    const file = await bootstrapFile(cwd);
    await command(["feature", "enable", "DEBUG"], { cwd });
    const lines = [...FIELDS, "features.DEBUG"].flatMap((field) => [
      `get ${field}`,
      `get ${field} --json`,
      `get --file ${file} -q ${field} --no-color`,
    ]);
    const answers = await fastAnswers(lines, cwd);
    for (const [index, line] of lines.entries()) {
      const { stdout } = await command(line.split(" "), { cwd });
      expect([line, `${answers[index]}\n`]).toEqual([line, stdout]);
    }
  },
);

test("all else is left to the command", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  const lines = ["get", "get a b", "get --help", "get version --jsn", "get features.NO", "verify"];
  expect(await fastAnswers(lines, cwd)).toEqual(lines.map(() => null));
  expect(await fastAnswers(["get version"], temporaryFolder())).toEqual([null]);
});
