import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { driftedPages } from "../../scripts/cli_reference.ts";
import { EXIT, EXIT_OF_ERROR } from "../../src/base/exit_codes.ts";
import { GLOBAL_OPTIONS } from "../../src/cli/args/words.ts";
import { REPOSITORY } from "../support/repository.ts";

const common = readFileSync(join(REPOSITORY, "docs", "cli", "common.md"), "utf8");

test("docs/cli/ shows every command as it is: bun scripts/cli_reference.ts", async () => {
  expect([...(await driftedPages()).keys()]).toEqual([]);
});

test("docs/cli/common.md names the exit code of every error, and the global options", () => {
  const rows = [...common.matchAll(/^\| (\d) +\|[^|]*\|([^|]*)\|$/gm)];
  const documented = rows.flatMap(([, code, errors = ""]) =>
    [...errors.matchAll(/`(ERR_\w+)`/g)].map(([, error]) => [error, Number(code)]),
  );
  expect(Object.fromEntries(documented)).toEqual(EXIT_OF_ERROR);
  expect(rows.map(([, code]) => Number(code))).toEqual(Object.values(EXIT));
  for (const name of Object.keys(GLOBAL_OPTIONS)) expect(common).toContain(`--${name}`);
});
