import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../src/cli/table.ts";
import { cli, NO_HOME, pathWithBun, writeFiles, PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { buildPackage, makeProject } from "../support/project.ts";
import { BUILT_CLI, REPOSITORY } from "../support/repository.ts";
import { BUN, run, type RunResult } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const PRELOAD = 'preload = ["immuconfig/register"]\n';

/** A project whose programs, and so the command too, start with our preload. */
function preloadedProject(): string {
  const folder = temporaryFolder();
  makeProject(folder);
  writeFiles(folder, {
    "package.json": '{"type":"module","dependencies":{"immuconfig":"*"}}',
    "bunfig.toml": `${PRELOAD}[test]\n${PRELOAD}`,
    "app.ts": 'console.log("version", Bun.config.version, Bun.config.features.DEBUG);\n',
  });
  return folder;
}

type Codes = readonly [words: readonly string[], missing: number, broken: number, good: number];

/** Words for each command, its exit code without a file, with a broken one, and with a good one. */
const EXIT_CODES: Readonly<Record<string, Codes>> = {
  init: [["--yes", "--registry", "https://registry.example.test"], 0, 4, 0],
  bootstrap: [["--registry", "https://registry.example.test"], 0, 4, 0],
  verify: [[], 3, 4, 0],
  doctor: [[], 1, 4, 0],
  get: [["version"], 3, 4, 0],
  set: [["terminal.rows", "30"], 3, 4, 0],
  feature: [["enable", "DEBUG"], 3, 4, 0],
  freeze: [[], 3, 4, 0],
  thaw: [[], 3, 4, 0],
  types: [[], 3, 4, 0],
  env: [[], 3, 4, 0],
  exec: [["--", "true"], 3, 4, 0],
  completions: [["bash"], 0, 0, 0],
};

describe("under the preload, every command works", () => {
  for (const [name, [words, missing, broken, good]] of Object.entries(EXIT_CODES)) {
    test(name, async () => {
      const cwd = preloadedProject();
      const path = join(cwd, "bunfig.lockb");
      const expectRun = async (exitCode: number | undefined) => {
        const result = await cli([name, ...words], { cwd, entry: BUILT_CLI });
        expect({ ...result, exitCode: result.exitCode }).toMatchObject({
          exitCode: exitCode ?? -1,
        });
        expect(result.stderr).not.toMatch(/\n\s+at .*:\d+/);
      };
      await expectRun(good);
      writeFileSync(path, "broken");
      await expectRun(broken);
      expect(readFileSync(path, "utf8")).toBe("broken");
      rmSync(path);
      await expectRun(missing);
    });
  }

  test("and the table above names commands that exist", () => {
    for (const name of Object.keys(EXIT_CODES)) expect(Object.keys(COMMANDS)).toContain(name);
  });
});

test("a project whose file is gone starts, mends itself, and starts anew", async () => {
  const cwd = preloadedProject();
  const program = (file: string) => run([BUN, file], { cwd, env: { HOME: NO_HOME } });
  writeFiles(cwd, { "plain.ts": 'console.log("plain");\n' });
  expect((await program("app.ts")).stdout).toBe("version 1 false\n");
  rmSync(join(cwd, "bunfig.lockb"));
  expect((await program("plain.ts")).stdout).toBe("plain\n");
  expect((await program("app.ts")).stderr).toContain("no bunfig.lockb in");
  expect((await cli(["bootstrap"], { cwd, entry: BUILT_CLI })).exitCode).toBe(0);
  expect((await program("app.ts")).stdout).toBe("version 1 false\n");
});

test("the preload of bun test is its own: both give tests Bun.config", async () => {
  const cwd = preloadedProject();
  writeFiles(cwd, {
    "a.test.ts":
      'import { expect, test } from "bun:test";\ntest("a", () => expect(Bun.config?.version).toBe(1));\n',
  });
  const tests = () => run([BUN, "test"], { cwd, env: { HOME: NO_HOME } });
  expect((await tests()).exitCode).toBe(0);
  writeFiles(cwd, { "bunfig.toml": PRELOAD });
  expect((await tests()).exitCode).toBe(1);
});

async function install(cwd: string, ...words: string[]): Promise<RunResult> {
  return run([BUN, "install", ...words], {
    cwd,
    env: { PATH: pathWithBun(), HOME: cwd, BUN_INSTALL_CACHE_DIR: join(cwd, ".cache") },
  });
}

describe("nothing breaks where immuconfig is a development dependency", () => {
  /** The packed package, as a registry would serve it. */
  let tarball = "";

  beforeAll(async () => {
    const packed = temporaryFolder();
    const words = [BUN, "pm", "pack", "--quiet", "--ignore-scripts", "--destination", packed];
    const { exitCode, stderr } = await run(words, { cwd: REPOSITORY, env: { HOME: packed } });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const name = readdirSync(packed).find((file) => file.endsWith(".tgz")) ?? "";
    tarball = join(packed, name);
  });

  test("installs with and without it, and starts", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, {
      "package.json": JSON.stringify({
        name: "shop",
        type: "module",
        devDependencies: { immuconfig: `file:${tarball}` },
      }),
      "app.ts": 'console.log("started");\n',
    });
    expect((await install(cwd)).exitCode).toBe(0);
    const command = join(cwd, "node_modules", ".bin", "bun-config");
    const env = { PATH: pathWithBun(), HOME: NO_HOME };
    expect((await run([command, "init", "--yes"], { cwd, env })).exitCode).toBe(0);
    rmSync(join(cwd, "bunfig.lockb"));

    const whole = await install(cwd);
    expect(whole.exitCode).toBe(0);
    expect(existsSync(join(cwd, "bunfig.lockb"))).toBe(true);
    const script = await run([BUN, "run", "config", "get", "version"], { cwd, env });
    expect(script.stdout).toBe("1\n");

    rmSync(join(cwd, "node_modules"), { recursive: true });
    const production = await install(cwd, "--production");
    expect({ exitCode: production.exitCode, said: production.stderr }).toMatchObject({
      exitCode: 0,
    });
    expect(existsSync(join(cwd, "node_modules", "immuconfig"))).toBe(false);
    const start = () => run([BUN, "app.ts"], { cwd, env });
    expect((await start()).stdout).toBe("started\n");
    rmSync(join(cwd, "bunfig.lockb"));
    expect((await start()).stdout).toBe("started\n");
  });

  type Start = [words: string[], env: Record<string, string>];

  test("the script runs under Node, under Bun, and under Bun alone", async () => {
    const cwd = temporaryFolder();
    writeConfigFile(cwd, PLAIN_FILE);
    writeFiles(cwd, { "package.json": "{}" });
    await cli(["init", "--yes"], { cwd });
    const { scripts } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
    const bunAlone = temporaryFolder();
    symlinkSync(BUN, join(bunAlone, "bun"));
    const underNode: Start = [
      ["sh", "-c", scripts.postinstall],
      { PATH: process.env["PATH"] ?? "" },
    ];
    const shells: Start[] = [
      ...(findTool("node") === undefined ? [] : [underNode]),
      [[BUN, "run", "postinstall"], { PATH: pathWithBun() }],
      [[join(bunAlone, "bun"), "run", "postinstall"], { PATH: bunAlone }],
    ];
    for (const installed of [false, true]) {
      if (installed) makeProject(cwd, PLAIN_FILE);
      writeFiles(cwd, { "package.json": JSON.stringify({ type: "module", scripts }) });
      for (const [words, path] of shells) {
        rmSync(join(cwd, "bunfig.lockb"), { force: true });
        const { exitCode } = await run(words, { cwd, env: { HOME: NO_HOME, ...path } });
        const created = existsSync(join(cwd, "bunfig.lockb"));
        expect([words[0], installed, exitCode, created]).toEqual([
          words[0],
          installed,
          0,
          installed,
        ]);
      }
    }
  });
});
