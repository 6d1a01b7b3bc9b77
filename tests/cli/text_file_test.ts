import { expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readText } from "../../src/cli/files/text_file.ts";
import { BODY_SIZE_MAX } from "../../src/base/limits.ts";
import { cli } from "../support/cli.ts";
import { writeConfigFile } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();

test("a text too large to be read whole is refused, not cut off", async () => {
  const cwd = temporaryFolder();
  writeConfigFile(cwd);
  const path = join(cwd, ".gitattributes");
  const size = BODY_SIZE_MAX + 1000;
  writeFileSync(path, "#".repeat(size));
  expect(() => void readText(path)).toThrow("has more than");
  const { exitCode, stderr } = await cli(["init", "--yes"], { cwd });
  expect(stderr).toContain(`${path} has more than`);
  expect(exitCode).toBe(1);
  expect(statSync(path).size).toBe(size);
});
