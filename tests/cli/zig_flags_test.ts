import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrapFile, command } from "../support/cli.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();

test("zig-flags writes the record's flags, and --check says when they are old", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  const path = join(cwd, "flags.zig");
  expect(await command(["zig-flags", "--check"], { cwd })).toMatchObject({ exitCode: 1 });
  expect(await command(["zig-flags"], { cwd })).toMatchObject({ exitCode: 0 });
  expect(readFileSync(path, "utf8")).toContain("pub const DEBUG = false;");
  expect(await command(["zig-flags", "--check"], { cwd })).toMatchObject({ exitCode: 0 });
  await command(["feature", "enable", "DEBUG"], { cwd });
  expect(await command(["zig-flags", "--check"], { cwd })).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining("is out of date"),
  });
  await command(["zig-flags"], { cwd });
  expect(readFileSync(path, "utf8")).toContain("pub const DEBUG = true;");
});
