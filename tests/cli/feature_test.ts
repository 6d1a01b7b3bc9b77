import { expect, setDefaultTimeout, test } from "bun:test";
import { bootstrapFile, command, PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

test("a flag's life: defined, on, off, retired", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  const feature = (...words: string[]) => command(["feature", ...words], { cwd });
  const texts = ["--description", "The new till", "--owner", "payments", "--expires", "2030-12-31"];
  const defined = await feature("define", "TILL", "--bit", "7", ...texts);
  expect(defined.stdout).toMatch(/^Wrote TILL at bit 7 in .+, durable\n$/);
  expect((await feature("enable", "TILL", "DEBUG")).stdout).toMatch(/^Wrote TILL on, DEBUG on in /);
  expect((await feature("enable", "TILL")).stdout).toContain("nothing written");
  expect((await feature("disable", "DEBUG")).stdout).toMatch(/^Wrote DEBUG off in /);

  const list = JSON.parse((await feature("list", "--json")).stdout);
  expect(list).toStrictEqual({
    flags: [
      { bit: 2, name: "DEBUG", enabled: false, retired: false },
      {
        bit: 7,
        name: "TILL",
        enabled: true,
        description: "The new till",
        owner: "payments",
        expires: "2030-12-31",
        retired: false,
      },
    ],
  });

  expect((await feature("retire", "TILL")).exitCode).toBe(0);
  const refused = await feature("enable", "TILL");
  expect(refused.exitCode).toBe(5);
  expect(refused.stderr).toContain("TILL is retired");
  expect((await command(["get", "features", "--json"], { cwd })).stdout).toBe('{"DEBUG":false}\n');
  expect((await command(["get", "version"], { cwd })).stdout).toBe("1\n");
});

test("an unknown flag is an error with a suggestion; --define defines it on the way", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  const unknown = await command(["feature", "enable", "DEBUGG"], { cwd });
  expect(unknown.exitCode).toBe(3);
  expect(unknown.stderr).toContain("Did you mean DEBUG?");
  expect(unknown.stderr).toContain("feature define DEBUGG");
  // No advice that would be refused.
  const misspelt = await command(["feature", "enable", "debug"], { cwd });
  expect([misspelt.exitCode, misspelt.stderr.includes("feature define")]).toEqual([3, false]);
  expect(misspelt.stderr).toContain("The flag is called DEBUG.");
  const defined = await command(["feature", "enable", "BETA", "--define", "--json"], { cwd });
  expect(JSON.parse(defined.stdout)).toMatchObject({
    changed: true,
    flags: [{ name: "BETA", enabled: true }],
  });
});

test("an expired flag is shown as such", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  await command(["feature", "define", "OLD", "--expires", "2001-01-01"], { cwd });
  expect((await command(["feature", "list"], { cwd })).stdout).toContain("expired 2001-01-01");
});
