import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unknownCommands, withUsage } from "../../scripts/cli_reference.ts";
import { loadCommands } from "../../src/cli/listing.ts";
import { EXIT, EXIT_OF_ERROR } from "../../src/cli/output/exit_codes.ts";
import { REPOSITORY } from "../support/cli.ts";

const page = readFileSync(join(REPOSITORY, "docs", "cli.md"), "utf8");

test("docs/cli.md shows every command as it is: bun scripts/cli_reference.ts", async () => {
  const commands = await loadCommands();
  expect(withUsage(page, commands)).toBe(page);
  expect(unknownCommands(page, commands)).toEqual([]);
  expect(withUsage("", commands)).toContain("### init\n");
});

test("docs/cli.md names every exit code and every code of an error", () => {
  for (const code of Object.values(EXIT))
    expect(page).toMatch(new RegExp(`^\\| ${code} +\\|`, "m"));
  for (const code of Object.keys(EXIT_OF_ERROR)) expect(page).toContain(`\`${code}\``);
});
