import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  command,
  type CliOptions,
  NO_HOME,
  writeFiles,
  PROCESS_TESTS_TIMEOUT_MS,
} from "../support/cli.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { buildPackage, makeProject } from "../support/project.ts";
import { run } from "../support/run.ts";
import { PRELOAD } from "../../src/cli/commands/setup/project/bunfig_toml.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const REGISTRY = "https://registry.example.test";
const DEPENDS = '{"dependencies":{"immuconfig":"*"}}';

interface Report {
  exitCode: number;
  healthy: boolean;
  /** `topic: level`, but for those that are well. */
  troubles: string[];
  /** All messages and hints. */
  text: string;
}

async function doctor(options: CliOptions, words: readonly string[] = []): Promise<Report> {
  const { exitCode, stdout } = await command(["doctor", "--json", ...words], options);
  const { healthy, checks } = JSON.parse(stdout) as {
    healthy: boolean;
    checks: { topic: string; level: string; message: string; hint?: string }[];
  };
  const troubles = checks
    .filter(({ level }) => level !== "ok")
    .map(({ topic, level }) => `${topic}: ${level}`);
  const text = checks.map(({ message, hint }) => `${message}\n${hint ?? ""}`).join("\n");
  return { exitCode, healthy, troubles, text };
}

/** A project that init has set up. */
async function healthyProject(): Promise<string> {
  const folder = temporaryFolder();
  makeProject(folder);
  writeFiles(folder, { "package.json": DEPENDS, ".npmrc": `registry=${REGISTRY}/\n` });
  const { exitCode } = await command(["init", "--yes"], { cwd: folder });
  expect(exitCode).toBe(0);
  return folder;
}

test("finds nothing in a project that init has set up", async () => {
  const cwd = await healthyProject();
  expect(await doctor({ cwd })).toMatchObject({ exitCode: 0, healthy: true, troubles: [] });
  const { stdout } = await command(["doctor"], { cwd });
  for (const line of stdout.trimEnd().split("\n")) expect(line).toStartWith("ok  ");
});

test("gives the names of files to the shell as words", async () => {
  const cwd = await healthyProject();
  const name = ".bunfig.lockb.;touch it's;.new";
  writeFiles(cwd, { [name]: "" });
  const { text } = await doctor({ cwd });
  const hint = text.split("\n").find((line) => line.startsWith("rm ")) ?? "";
  expect((await run(["sh", "-c", hint], { cwd })).exitCode).toBe(0);
  expect(existsSync(join(cwd, name))).toBe(false);
  expect((await doctor({ cwd })).troubles).toEqual([]);
});

test("prints nothing that drives a terminal", async () => {
  const cwd = temporaryFolder();
  writeFiles(cwd, { "bunfig.lockb": "BUN1\u009b2J", ".bunfig.lockb.\u001b[2J.new": "" });
  const { stdout } = await command(["doctor"], { cwd });
  expect(stdout).toContain(".bunfig.lockb.?[2J.new");
  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
});

test("works without a file, with a broken one, and in an empty folder", async () => {
  const empty = await doctor({ cwd: temporaryFolder() });
  expect(empty).toMatchObject({ exitCode: 1, troubles: ["file: fail", "scripts: warn"] });
  const gone = await doctor({ cwd: temporaryFolder() }, ["--file", "none/such.lockb"]);
  expect(gone.exitCode).toBe(1);
  const cwd = await healthyProject();
  writeFileSync(join(cwd, "bunfig.lockb"), "broken");
  const broken = await doctor({ cwd });
  expect(broken).toMatchObject({ exitCode: 4, healthy: false, troubles: ["file: fail"] });
  expect(broken.text).toContain("git restore");
});

describe("tells", () => {
  test("permissions, leftovers, expired flags, old types and an old Bun", async () => {
    const cwd = await healthyProject();
    const flags = { DEBUG: { expires: "2001-01-01" } };
    const meta = { registries: { default: REGISTRY }, bun: { minimum: "99.0.0" }, flags };
    const path = writeConfigFile(cwd, { ...PLAIN_FILE, meta });
    chmodSync(path, 0o666);
    writeFiles(cwd, {
      ".bunfig.lockb.new": "",
      "immuconfig-env.d.ts": "// Written by `bun-config types` from x.\n",
    });
    const { exitCode, troubles, text } = await doctor({ cwd });
    expect(exitCode).toBe(1);
    expect(troubles).toEqual([
      "permissions: warn",
      "leftovers: warn",
      "text twin: fail",
      "bun: fail",
      "flags: warn",
      "types: warn",
    ]);
    expect(text).toContain("mode 666");
    expect(text).toContain("DEBUG expired on 2001-01-01");
  });

  test("a pin that no longer is what the file says, and one that is none", async () => {
    const cwd = await healthyProject();
    const pin = (text: string) => doctor({ cwd, env: { IMMUCONFIG_PIN: text } });
    expect((await pin("014074c8c80400000001185099")).troubles).toEqual(["pin: warn"]);
    expect((await pin(`014074c8c80000000001185029@${cwd}/bunfig.lockb`)).troubles).toEqual([]);
    expect(await pin("nonsense")).toMatchObject({ exitCode: 1, troubles: ["pin: fail"] });
    expect((await pin("off")).text).toContain("switched off");
  });

  test("a registry that is not the record's, by Bun's order of precedence", async () => {
    const cwd = await healthyProject();
    const bunfig = readFileSync(join(cwd, "bunfig.toml"), "utf8");
    writeFiles(cwd, { ".npmrc": 'registry="https://npmrc.example.test"\n' });
    const npmrc = await doctor({ cwd });
    expect(npmrc).toMatchObject({ exitCode: 0, troubles: ["registry: warn"] });
    expect(npmrc.text).toContain("https://npmrc.example.test");
    await command(["doctor", "--fix"], { cwd });
    expect(readFileSync(join(cwd, "bunfig.toml"), "utf8")).toContain(`registry = "${REGISTRY}"`);
    expect((await doctor({ cwd })).troubles).toEqual([]);
    writeFiles(cwd, { "bunfig.toml": `${bunfig}[install]\nregistry = "$HOST"\n` });
    const toml = await doctor({ cwd, env: { HOST: "https://bunfig.example.test/npm/" } });
    expect(toml.text).toContain("https://bunfig.example.test/npm");
    const variable = await doctor({ cwd, env: { BUN_CONFIG_REGISTRY: REGISTRY } });
    expect(variable.troubles).toEqual([]);
    const env = { BUN_CONFIG_REGISTRY: "https://user:secret@registry.example.test" };
    const secret = await doctor({ cwd, env });
    expect(secret.troubles).toEqual([]);
    expect(secret.text).not.toContain("secret@");
  });

  test("a user's own registry, where the project has none", async () => {
    const cwd = await healthyProject();
    writeFiles(cwd, { ".npmrc": "", "home/.npmrc": "registry = https://home.example.test\n" });
    const { text } = await doctor({ cwd, env: { HOME: join(cwd, "home") } });
    expect(text).toContain("https://home.example.test");
  });

  test("scripts and preloads that are missing, or not installed", async () => {
    const cwd = temporaryFolder();
    makeProject(cwd);
    writeFiles(cwd, { ".npmrc": `registry=${REGISTRY}\n` });
    expect((await doctor({ cwd })).troubles).toEqual(["scripts: warn"]);
    writeFiles(cwd, { "bunfig.toml": `preload = "${PRELOAD}"\n` });
    const development = await doctor({ cwd });
    expect(development.troubles).toEqual(["scripts: warn", "preload: warn", "preload: warn"]);
    expect(development.text).toContain("without development dependencies");
    writeFiles(cwd, { "package.json": DEPENDS });
    expect((await doctor({ cwd })).text).toContain("tests do not have Bun.config");
    writeFiles(cwd, { "bunfig.toml": 'preload = "immuconfig/register"\n' });
    expect((await doctor({ cwd })).text).toContain("by its name");

    const bare = temporaryFolder();
    const path = writeConfigFile(bare);
    writeFiles(bare, { "bunfig.toml": 'preload = "immuconfig/register"\n', "package.json": "{" });
    // Bun itself does not start in that folder.
    const { exitCode, text } = await doctor({ cwd, env: { HOME: NO_HOME } }, ["--file", path]);
    expect(exitCode).toBe(1);
    expect(text).toContain("not there: no program starts");
    expect(text).toContain("package.json is not valid");
  });

  testWith("git")("a file that git does not track, show and merge", async () => {
    const cwd = await healthyProject();
    const git = (...words: string[]) => run(["git", ...words], { cwd, env: { HOME: NO_HOME } });
    await git("init", "--quiet");
    const untracked = await doctor({ cwd });
    expect(untracked.troubles).toEqual(["git: warn", "git: warn"]);
    expect(untracked.text).toContain("git add bunfig.lockb");
    writeFiles(cwd, { "below/a.ts": "" });
    expect((await doctor({ cwd: join(cwd, "below") })).text).toContain("git add ../bunfig.lockb");
    expect(untracked.text).toContain("bun-config git-setup");
    await git("add", "bunfig.lockb");
    await command(["git-setup"], { cwd });
    expect((await doctor({ cwd })).troubles).toEqual([]);
    await git("config", "diff.immuconfig.textconv", "bun-config inspect --text");
    expect((await doctor({ cwd })).text).toContain("of another release");
    writeFiles(cwd, { ".gitattributes": "" });
    expect((await doctor({ cwd })).text).toContain(".gitattributes does not name bunfig.lockb");
  });
});
