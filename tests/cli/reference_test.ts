import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { driftedPages } from "../../scripts/cli_reference.ts";
import { GLOBAL_OPTIONS } from "../../src/cli/args/arguments.ts";
import { EXIT, EXIT_OF_ERROR } from "../../src/cli/output/exit_codes.ts";
import { REPOSITORY } from "../support/cli.ts";

const common = readFileSync(join(REPOSITORY, "docs", "cli", "common.md"), "utf8");

test("docs/cli/ shows every command as it is: bun scripts/cli_reference.ts", async () => {
  expect([...(await driftedPages()).keys()]).toEqual([]);
});

test("docs/cli/common.md names every exit code, every code of an error and the global options", () => {
  for (const code of Object.values(EXIT)) {
    expect(common).toMatch(new RegExp(`^\\| ${code} +\\|`, "m"));
  }
  for (const code of Object.keys(EXIT_OF_ERROR)) expect(common).toContain(`\`${code}\``);
  for (const name of Object.keys(GLOBAL_OPTIONS)) expect(common).toContain(`--${name}`);
});
