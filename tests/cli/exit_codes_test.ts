import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { COMMANDS } from "../../src/cli/table.ts";
import {
  bootstrapFile,
  cli,
  command,
  writeFiles,
  PROCESS_TESTS_TIMEOUT_MS,
} from "../support/cli.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

/** What a stack trace looks like, in any runtime. */
const STACK_TRACE = /\n\s+at .*[:(]\d+|\.ts:\d+/;

describe("2: words that break a rule", () => {
  const cases: [string, string[], string][] = [
    ["no such command", ["gett"], "Did you mean get?"],
    ["an action without its command", ["retire", "X"], "Did you mean feature retire?"],
    ["no such option", ["get", "--jsn"], "Did you mean --json?"],
    ["no such option before a command", ["--jsn", "get"], "Did you mean --json?"],
    ["nothing like an option", ["get", "--zzzzzz"], "See `bun-config get --help`."],
    ["an option of a command before it", ["--limit", "5", "log"], "there is no option --limit"],
    ["no file before a command", ["--file"], "See `bun-config --help`."],
    ["a value for a switch", ["get", "--json=x"], "--json takes no value"],
    ["an option without its value", ["get", "--file"], "--file needs a value"],
    ["a field too many", ["get", "version", "record"], "expected one FIELD"],
    ["a field too many, and where to read more", ["get", "a", "b"], "See `bun-config get --help`."],
    ["set without a value", ["set", "version"], "expected FIELD VALUE"],
    ["no such setting", ["set", "versoin", "1"], "Did you mean version?"],
    ["an inherited name", ["set", "constructor", "1"], "there is no setting"],
    ["a version that is no number", ["set", "version", "one"], "Give a whole number"],
    ["a version out of range", ["set", "version", "2"], "from 0 to 1"],
    ["a huge version", ["set", "version", "99999999999"], "Give a whole number"],
    ["a negative version", ["set", "version", "--", "-1"], "Give a whole number"],
    ["rows out of range", ["set", "terminal.rows", "256"], "from 0 to 255"],
    ["no such mode", ["set", "terminal.mode", "row"], "Did you mean raw?"],
    ["no URL", ["set", "registry", "registry"], "A registry is an http or https URL"],
    ["a file URL", ["set", "registry", "file:///etc/passwd"], 'the scheme "file:"'],
    ["credentials", ["set", "registry", "https://u:p@registry.example.test"], "credentials"],
    ["a query", ["set", "registry", "https://registry.example.test/?a"], "a query"],
    ["no scope", ["set", "registry", "https://r.example.test", "--scope", "acme"], "@acme"],
    ["no Bun version", ["set", "bun.minimum", "1.4"], "looks like 1.4.5"],
    ["no action", ["feature"], "expected one of"],
    ["no such action", ["feature", "enabel", "DEBUG"], "Did you mean enable?"],
    ["no name", ["feature", "enable"], "expected the name of a flag"],
    ["a flag's form", ["feature", "define", "de bug"], "[A-Za-z][A-Za-z0-9_.-]*"],
    ["a flag too long", ["feature", "define", "A".repeat(63)], "at most 60"],
    ["a bit out of range", ["feature", "define", "X", "--bit", "1024"], "from 0 to 1023"],
    ["a bit taken", ["feature", "define", "X", "--bit", "2"], "belongs to DEBUG"],
    ["no date", ["feature", "define", "X", "--expires", "2030-02-30"], "2030-12-31"],
    ["control bytes", ["feature", "define", "X", "--owner", "\u001b[2J"], "control characters"],
    ["no such shell", ["env", "--shell", "shh"], "Did you mean sh?"],
    ["no completions", ["completions", "zhs"], "Did you mean zsh?"],
    ["nothing to run", ["exec"], "expected a COMMAND"],
    ["no two dashes", ["exec", "ls"], "-- COMMAND"],
    ["purge without undo", ["init", "--purge"], "--undo"],
    ["operands of verify", ["verify", "x", "y"], "expected"],
  ];

  test("each says the rule, and changes nothing", async () => {
    const cwd = temporaryFolder();
    const file = await bootstrapFile(cwd);
    const before = readFileSync(file);
    for (const [name, words, rule] of cases) {
      const { exitCode, stdout, stderr } = await command(words, { cwd });
      expect([name, exitCode, stdout]).toEqual([name, 2, ""]);
      expect(stderr).toContain(rule);
      expect(stderr).not.toMatch(STACK_TRACE);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

test("3: a file that was named and is not there", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  for (const name of ["verify", "inspect"]) {
    const { exitCode, stderr } = await command([name, "dist/app.js"], { cwd });
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("Check the path")]);
  }
});

test("3: no file, in every command that needs one", async () => {
  const cwd = temporaryFolder();
  const commands = [
    ["get"],
    ["set", "version", "1"],
    ["feature", "list"],
    ["freeze"],
    ["thaw"],
    ["verify"],
    ["types"],
    ["env"],
    ["exec", "--", "true"],
  ];
  for (const words of commands) {
    const { exitCode, stderr } = await command(words, { cwd });
    expect([words[0], exitCode]).toEqual([words[0], 3]);
    expect(stderr).toContain("bun-config init");
  }
  const named = await command(["get", "--file", "none/x.lockb", "--json"], { cwd });
  expect(named.exitCode).toBe(3);
  expect(JSON.parse(named.stdout)).toMatchObject({ error: { code: "ERR_NOT_FOUND" } });
});

test("4: a broken file is refused by all, named to the byte, and left alone", async () => {
  const cwd = temporaryFolder();
  const file = await bootstrapFile(cwd);
  const bytes = readFileSync(file);
  bytes[15] = 81;
  writeFileSync(file, bytes);
  const commands = [
    ["bootstrap"],
    ["get"],
    ["set", "version", "1"],
    ["feature", "enable", "DEBUG"],
    ["freeze"],
    ["verify"],
    ["types"],
    ["env"],
    ["exec", "--", "true"],
    ["init", "--yes"],
    ["doctor"],
  ];
  for (const words of commands) {
    const { exitCode, stdout, stderr } = await command(words, { cwd });
    expect([words[0], exitCode]).toEqual([words[0], 4]);
    expect(stdout + stderr).toContain("offset 16, checksum");
    expect(stdout + stderr).toContain(`git restore ${file}`);
    expect(stderr).not.toMatch(STACK_TRACE);
  }
  expect(readFileSync(file).equals(bytes)).toBe(true);
  const { stdout } = await command(["verify", "--json"], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: "ERR_FORMAT", fault: { offset: 16, field: "checksum" } },
  });
});

describe("5: refused", () => {
  test("a frozen record changes only by thaw", async () => {
    const cwd = temporaryFolder();
    await bootstrapFile(cwd);
    expect((await command(["freeze"], { cwd })).stdout).toContain("is frozen now");
    expect((await command(["freeze"], { cwd })).stdout).toContain("is frozen already");
    for (const words of [
      ["set", "terminal.rows", "30"],
      ["feature", "enable", "DEBUG"],
    ]) {
      const { exitCode, stderr } = await command(words, { cwd });
      expect(exitCode).toBe(5);
      expect(stderr).toContain("bun-config thaw");
    }
    expect((await command(["init", "--undo", "--purge", "--yes"], { cwd })).exitCode).toBe(5);
    expect((await command(["get", "frozen"], { cwd })).stdout).toBe("true\n");
    expect((await command(["thaw"], { cwd })).exitCode).toBe(0);
    expect((await command(["set", "terminal.rows", "30"], { cwd })).exitCode).toBe(0);
  });

  test("the config version goes down only when that is said", async () => {
    const cwd = temporaryFolder();
    await bootstrapFile(cwd);
    const { exitCode, stderr } = await command(["set", "version", "0"], { cwd });
    expect(exitCode).toBe(5);
    expect(stderr).toContain("--allow-downgrade");
  });

  test("below a process that pinned the record, for that file alone", async () => {
    const [cwd, another] = [temporaryFolder(), temporaryFolder()];
    const file = await bootstrapFile(cwd);
    await bootstrapFile(another);
    const before = readFileSync(file);
    const env = { IMMUCONFIG_PIN: `014074c8c80400000001185099@${file}` };
    const writers = [
      ["set", "version", "1"],
      ["feature", "enable", "DEBUG"],
      ["freeze"],
      ["thaw"],
      ["init", "--undo", "--purge", "--yes"],
    ];
    for (const words of writers) {
      const { exitCode, stderr } = await command(words, { cwd, env });
      expect([words[0], exitCode]).toEqual([words[0], 5]);
      expect(stderr).toContain("IMMUCONFIG_PIN=off");
    }
    expect(readFileSync(file).equals(before)).toBe(true);
    expect((await command(["get", "features.DEBUG"], { cwd, env })).stdout).toBe("true\n");
    const other = await command(["feature", "enable", "DEBUG"], { cwd: another, env });
    expect(other.exitCode).toBe(0);
    const off = await command(["set", "terminal.rows", "30"], {
      cwd,
      env: { IMMUCONFIG_PIN: "off" },
    });
    expect(off.exitCode).toBe(0);
  });
});

test("4: a bad pin is an error, never ignored", async () => {
  const cwd = temporaryFolder();
  await bootstrapFile(cwd);
  for (const pin of ["x", "014074c8c80400000001185098", "014074c8c80400000001185099@relative"]) {
    const { exitCode, stderr } = await command(["get", "version"], {
      cwd,
      env: { IMMUCONFIG_PIN: pin },
    });
    expect(exitCode).toBe(4);
    expect(stderr).toContain("IMMUCONFIG_PIN is not valid");
  }
});

test("1: the system refuses to read", async () => {
  const cwd = temporaryFolder();
  writeFiles(cwd, { "folder/a.ts": "" });
  const { exitCode, stderr } = await command(["get", "--file", "folder"], { cwd });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("it is a folder");
});

describe("the process ends with the command's code", () => {
  const cases: [number, string[]][] = [
    [0, ["get", "version"]],
    [1, ["get", "--file", "/"]],
    [2, ["gett"]],
    [3, ["get", "features.NO"]],
    [4, ["verify", "--file", "noise.lockb"]],
    [5, ["set", "version", "0"]],
  ];
  test.each(cases)("%i: %p", async (code, words) => {
    const cwd = temporaryFolder();
    await bootstrapFile(cwd);
    writeFiles(cwd, { "noise.lockb": "not ours" });
    expect((await cli(words, { cwd })).exitCode).toBe(code);
  });
});

test("every command has help, and unknown bytes for a file end in words", async () => {
  const cwd = temporaryFolder();
  writeFiles(cwd, { "noise.lockb": "not ours ".repeat(20) });
  for (const name of Object.keys(COMMANDS)) {
    const { exitCode, stdout } = await command([name, "--help"], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`bun-config ${name}`);
  }
  const { exitCode, stderr } = await command(["verify", "--file", "noise.lockb"], { cwd });
  expect(exitCode).toBe(4);
  expect(stderr).toContain("offset 0");
});
