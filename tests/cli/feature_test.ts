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

test("set changes what people say of a flag, and an empty text takes it away", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  await command(["feature", "define", "NEW", "--owner", "ann", "--expires", "2030-12-31"], { cwd });
  const set = async (...words: string[]) =>
    command(["feature", "set", ...words, "--json"], { cwd });
  const changed = JSON.parse((await set("NEW", "--expires", "2031-12-31")).stdout);
  expect(changed.flags).toMatchObject([{ name: "NEW", owner: "ann", expires: "2031-12-31" }]);
  const emptied = JSON.parse((await set("NEW", "--owner", "")).stdout);
  expect(emptied.flags[0]).not.toHaveProperty("owner");
  expect(JSON.parse((await set("NEW", "--owner", "")).stdout).changed).toBe(false);
  expect((await set("OLD", "--owner", "ann")).exitCode).toBe(3);
  expect((await set("NEW")).exitCode).toBe(2);
  expect((await set("NEW", "--expires", "soon")).exitCode).toBe(2);
});

test("rename keeps bit, state and what people say, and takes no name that is there", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  const feature = async (...words: string[]) => command(["feature", ...words, "--json"], { cwd });
  await feature("define", "OLD", "--bit", "7", "--owner", "ann");
  await feature("enable", "OLD");
  const { stdout, stderr } = await feature("rename", "OLD", "NEW");
  expect(JSON.parse(stdout).flags).toEqual([
    { bit: 7, name: "NEW", enabled: true, owner: "ann", retired: false },
  ]);
  expect(stderr).toContain("bun-config check finds the sources");
  expect((await feature("rename", "OLD", "OTHER")).exitCode).toBe(3);
  expect((await feature("rename", "NEW", "DEBUG")).exitCode).toBe(2);
  expect((await feature("rename", "NEW", "debug")).exitCode).toBe(2);
  expect((await feature("rename", "NEW", "new")).exitCode).toBe(0);
  expect((await feature("rename", "new", "1")).exitCode).toBe(2);
});
