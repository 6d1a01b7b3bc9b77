/** A record that git has and the work tree has not: no command makes a new one in its place. */

import { expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { commandsForTracked } from "../../src/store/taken_away.ts";
import { bootstrapFile, command, writeFiles } from "../support/cli.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

const temporaryFolder = useTemporaryFolders();
const testWithGit = test.skipIf(findTool("git") === undefined);
const ENV = { PATH: process.env["PATH"] };

async function git(folder: string, ...words: string[]): Promise<void> {
  const identity = ["-c", "user.name=case", "-c", "user.email=case@example.test"];
  const { exitCode, stderr } = await run(["git", ...identity, ...words], { cwd: folder, env: ENV });
  if (exitCode !== 0) throw new Error(stderr);
}

testWithGit("git has what was added, by its path", async () => {
  const folder = temporaryFolder();
  const [outer, inner] = [join(folder, "bunfig.lockb"), join(folder, "inner", "other.lockb")];
  writeFiles(folder, { "bunfig.lockb": "", "inner/other.lockb": "" });
  expect(commandsForTracked(outer, ENV)).toBeUndefined();
  await git(folder, "init", "-q");
  await git(folder, "add", "inner/other.lockb");
  expect(commandsForTracked(outer, ENV)).toBeUndefined();
  expect(commandsForTracked(inner, ENV)).toEqual({
    restore: "git restore other.lockb",
    forget: "git rm --cached other.lockb",
  });
  expect(commandsForTracked(join(folder, "away", "other.lockb"), ENV)).toBeUndefined();
});

testWithGit.each([false, true])(
  "init, bootstrap and doctor say how to bring it back, left out by a sparse checkout: %p",
  async (isSparse) => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "package.json": '{ "name": "shop", "private": true }\n' });
    const path = await bootstrapFile(cwd);
    const bytes = readFileSync(path);
    await git(cwd, "init", "-q");
    await git(cwd, "add", "-A");
    await git(cwd, "commit", "-qm", "record");
    if (isSparse) await git(cwd, "sparse-checkout", "set", "--no-cone", "/package.json");
    else rmSync(path);
    const restore = isSparse
      ? ["restore", "--ignore-skip-worktree-bits", "bunfig.lockb"]
      : ["restore", "bunfig.lockb"];
    for (const words of [["init", "--yes"], ["bootstrap"]]) {
      const { exitCode, stderr } = await command(words, { cwd, env: ENV });
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 3 });
      expect(stderr).toContain(
        `Bring it back: git ${restore.join(" ")}. For a new one in its place: git rm --cached`,
      );
      expect(stderr).toContain("bunfig.lockb, and this command again.");
      expect(existsSync(path)).toBe(false);
    }
    const { stdout } = await command(["doctor"], { cwd, env: ENV });
    expect(stdout).toContain(`Git has it: git ${restore.join(" ")}\n`);
    await git(cwd, ...restore);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    rmSync(path);
    await git(cwd, "rm", "-q", "--cached", ...(isSparse ? ["--sparse"] : []), "bunfig.lockb");
    expect((await command(["init", "--yes"], { cwd, env: ENV })).exitCode).toBe(0);
  },
);

testWithGit("who takes the record away is told what git asks for before a new one", async () => {
  const cwd = temporaryFolder();
  writeFiles(cwd, { "package.json": '{ "name": "shop", "private": true }\n' });
  await git(cwd, "init", "-q");
  const init = (...words: string[]) => command(["init", ...words, "--yes"], { cwd, env: ENV });
  await init();
  expect((await init("--undo", "--purge", "--dry-run")).stdout).not.toContain("git still has");
  await git(cwd, "add", "-A");
  await git(cwd, "commit", "-qm", "record");
  const { exitCode, stdout } = await init("--undo", "--purge");
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringContaining(
      "git still has the file: commit its removal, or `git rm --cached bunfig.lockb`",
    ),
  ]);
  expect((await init()).exitCode).toBe(3);
  await git(cwd, "commit", "-qam", "no record");
  expect((await init()).exitCode).toBe(0);
});
