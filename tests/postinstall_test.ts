// What an install does about the record: real installs by real package managers.
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrapAtInstall } from "../src/bootstrap.ts";
import { POSTINSTALL_SCRIPT } from "../src/cli/commands/setup/project/manifest.ts";
import { pathWithBun, writeFiles } from "./support/cli.ts";
import { PLAIN_FILE, writeConfigFile } from "./support/config_files.ts";
import { buildPackage } from "./support/project.ts";
import { REPOSITORY } from "./support/repository.ts";
import { BUN, run, type RunResult } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";
import { findTool } from "./support/tools.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

interface Project {
  readonly folder: string;
  readonly manifest?: Readonly<Record<string, unknown>>;
}

/** A project that has immuconfig, its script, and no record. */
function project({ folder, manifest = { private: true } }: Project): string {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(REPOSITORY, join(folder, "node_modules", "immuconfig"));
  const scripts = { postinstall: POSTINSTALL_SCRIPT };
  writeFiles(folder, { "package.json": JSON.stringify({ name: "shop", scripts, ...manifest }) });
  return folder;
}

function install(
  cwd: string,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  const environment = { HOME: join(cwd, ".home"), PATH: pathWithBun(), ...env };
  return run([BUN, "install", ...words], { cwd, env: environment });
}

function npmInstall(cwd: string, ...words: string[]): Promise<RunResult> {
  return run(["npm", "install", "--foreground-scripts", "--offline", ...words], {
    cwd,
    env: { HOME: join(cwd, ".home"), PATH: process.env["PATH"] },
    timeoutMs: 50_000,
  });
}

function hasRecord(folder: string): boolean {
  return existsSync(join(folder, "bunfig.lockb"));
}

test("a folder's name drives no terminal, nor does a fault of the record", () => {
  for (const record of [undefined, "broken"]) {
    const folder = join(temporaryFolder(), "x\u001b[2J\u202ey");
    project({ folder });
    if (record !== undefined) writeFiles(folder, { "bunfig.lockb": record });
    const { text } = bootstrapAtInstall({ cwd: folder, env: {} });
    expect(text).toContain("x?[2J?y");
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("\u202e");
  }
});

describe("an install", () => {
  test("creates a record on a person's machine, and verifies the one that is there", async () => {
    const folder = project({ folder: temporaryFolder() });
    expect((await install(folder)).exitCode).toBe(0);
    expect(hasRecord(folder)).toBe(true);
    const before = readFileSync(join(folder, "bunfig.lockb"));
    expect((await install(folder)).exitCode).toBe(0);
    expect(readFileSync(join(folder, "bunfig.lockb"))).toEqual(before);
    writeFileSync(join(folder, "bunfig.lockb"), before.subarray(0, 100));
    const broken = await install(folder);
    expect(broken.exitCode).not.toBe(0);
    expect(broken.stderr).toContain("is not valid");
  });

  type Case = [name: string, words: string[], env: Record<string, string>, bunfig?: string];
  const cases: Case[] = [
    ["under CI", [], { CI: "1" }],
    ["under a service that does not say CI", [], { TF_BUILD: "True" }],
    ["--production", ["--production"], {}],
    ["--frozen-lockfile", ["--frozen-lockfile"], {}],
    ["--omit=dev", ["--omit=dev"], {}],
    ["--omit dev", ["--omit", "dev"], {}],
    ["NODE_ENV=production", [], { NODE_ENV: "production" }],
    ["production in bunfig.toml", [], {}, "[install]\nproduction = true\n"],
  ];
  test.each(cases)("creates none: %s; it says how to bring it, and goes on", async (...row) => {
    const [, words, env, bunfig] = row;
    const folder = project({ folder: temporaryFolder() });
    if (bunfig !== undefined) writeFiles(folder, { "bunfig.toml": bunfig });
    const { exitCode, stderr } = await install(folder, words, env);
    expect(stderr).toContain("there is no bunfig.lockb");
    expect(stderr).toContain("COPY bunfig.lockb into the image");
    expect(exitCode).toBe(0);
    expect(hasRecord(folder)).toBe(false);
    // With the record, the same install is content and changes nothing.
    writeConfigFile(folder, PLAIN_FILE);
    const again = await install(folder, words, env);
    expect(again.stderr).not.toContain("immuconfig:");
    expect(again.exitCode).toBe(0);
  });

  test("creates none in a package that is published, nor in a member of a workspace", async () => {
    const published = project({ folder: temporaryFolder(), manifest: { version: "1.0.0" } });
    expect((await install(published)).exitCode).toBe(0);
    expect(hasRecord(published)).toBe(false);

    const workspace = temporaryFolder();
    const manifest = JSON.stringify({ private: true, workspaces: ["packages/*"] });
    writeFiles(workspace, { "package.json": manifest });
    const member = project({ folder: join(workspace, "packages", "a") });
    const words = ["run", "postinstall"];
    const { stderr } = await run([BUN, ...words], { cwd: member, env: { PATH: pathWithBun() } });
    expect(stderr).toContain("outside the root of a private project");
    expect(hasRecord(member) || hasRecord(workspace)).toBe(false);
  });

  test("says nothing and does nothing inside node_modules", async () => {
    const folder = project({ folder: join(temporaryFolder(), "node_modules", "lib") });
    const { exitCode, stderr } = await run([BUN, "run", "postinstall"], {
      cwd: folder,
      env: { PATH: pathWithBun() },
    });
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain("immuconfig:");
    expect(hasRecord(folder)).toBe(false);
  });

  test.skipIf(findTool("git") === undefined)(
    "fails where git has a record and the folder has not",
    async () => {
      const folder = project({ folder: temporaryFolder() });
      const path = writeConfigFile(folder, PLAIN_FILE);
      const git = async (...words: string[]): Promise<void> => {
        const identity = ["-c", "user.name=case", "-c", "user.email=case@example.test"];
        const { exitCode, stderr } = await run(["git", ...identity, ...words], { cwd: folder });
        if (exitCode !== 0) throw new Error(stderr);
      };
      await git("init", "-q");
      await git("add", "bunfig.lockb");
      await git("commit", "-qm", "record");
      rmSync(path);
      const { exitCode, stderr } = await install(folder);
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain("git restore bunfig.lockb");
      expect(hasRecord(folder)).toBe(false);
      await git("restore", "bunfig.lockb");
      expect((await install(folder)).exitCode).toBe(0);
    },
  );

  const unshares = process.getuid?.() === 0 && findTool("unshare") !== undefined;
  test
    .skipIf(!unshares)
    .each([
      `"${BUN}" install && true`,
      `sh -c 'set -e; sh -c "\\"${BUN}\\" install; true"; true'; true`,
    ])("creates none in a container, by %s", async (shell) => {
    const folder = project({ folder: temporaryFolder() });
    const words = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", shell];
    const env = { HOME: join(folder, ".home"), PATH: pathWithBun() };
    const { exitCode, stderr } = await run(words, { cwd: folder, env });
    expect(exitCode).toBe(0);
    expect(stderr).toContain("an install in a container creates none");
    expect(hasRecord(folder)).toBe(false);
  });

  test.skipIf(findTool("npm") === undefined)("by npm does the same", async () => {
    const manifest = { private: true, devDependencies: { immuconfig: `file:${REPOSITORY}` } };
    const folder = project({ folder: temporaryFolder(), manifest });
    const omitted = await npmInstall(folder, "--omit=dev");
    expect(hasRecord(folder)).toBe(false);
    expect(omitted.exitCode).toBe(0);
  });
});

describe("an old Node", () => {
  const node = findTool("node");
  test.skipIf(node === undefined).each(["12.22.12", "16.20.2", "18.20.4", "20.15.1"])(
    "%s steps aside, and the install goes on",
    async (version) => {
      const folder = project({ folder: temporaryFolder() });
      const preload = join(folder, "old.cjs");
      writeFileSync(
        preload,
        `Object.defineProperty(process.versions, "node", { value: ${JSON.stringify(version)} });`,
      );
      const { exitCode, stderr } = await run(["sh", "-c", POSTINSTALL_SCRIPT], {
        cwd: folder,
        env: { NODE_OPTIONS: `--require ${preload}`, PATH: process.env["PATH"] },
      });
      expect(exitCode).toBe(0);
      expect(stderr).toContain(`Node ${version} is too old`);
      expect(hasRecord(folder)).toBe(false);
    },
  );

  test("can read the file: nothing in it is newer than ES2019 and import()", () => {
    const text = readFileSync(join(REPOSITORY, "dist", "postinstall.js"), "utf8");
    expect(text.replace(/`[^`]*`|"[^"]*"/g, "")).not.toMatch(
      /\?\.|\?\?|^await |#\w|&&=|\|\|=|\bstatic\b|import\.meta|^import /m,
    );
    expect(text.length).toBeLessThan(2000);
  });
});
