/** git is waited for, and not for ever: an archive may bring a repository that has it wait. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { rmSync, symlinkSync } from "node:fs";
import { runGit } from "../../src/base/run_git.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const env = { PATH: process.env["PATH"] };

function repository(): string {
  const folder = temporaryFolder();
  Bun.spawnSync(["git", "init", "--quiet"], { cwd: folder });
  return folder;
}

function pipe(path: string): void {
  rmSync(path, { recursive: true, force: true });
  Bun.spawnSync(["mkfifo", path]);
}

test
  .skipIf(process.platform === "win32")
  .each([
    ".git",
    ".git/HEAD",
    ".git/config",
    ".git/commondir",
    ".git/index",
    ".git/packed-refs",
    ".git/shallow",
    ".git/info/attributes",
    ".git/info/exclude",
    ".git/refs/tags",
    ".git/refs/heads/main",
    ".git/objects/pack/a.idx",
    ".git/objects/info/alternates",
  ])("a pipe in the place of %s is refused at once", (name) => {
  const folder = repository();
  pipe(join(folder, name));
  expect(() => runGit(folder, env, ["rev-parse", "HEAD"])).toThrow(
    expect.objectContaining({
      code: "ERR_READ",
      message: `cannot read ${join(folder, name)}: it is a device or a pipe`,
    }),
  );
});

test.skipIf(process.platform === "win32")("so is a link to one", () => {
  const folder = repository();
  pipe(join(folder, "pipe"));
  rmSync(join(folder, ".git", "HEAD"));
  symlinkSync(join(folder, "pipe"), join(folder, ".git", "HEAD"));
  expect(() => runGit(folder, env, ["rev-parse", "HEAD"])).toThrow("it is a device or a pipe");
});

test.skipIf(process.platform === "win32")("a git that waits is ended, and that is said", () => {
  const folder = repository();
  const rules = join(folder, "pipe");
  pipe(rules);
  Bun.spawnSync(["git", "config", "core.attributesFile", rules], { cwd: folder });
  const words = ["check-attr", "diff", "--", "a"];
  const said = expect.objectContaining({
    code: "ERR_SUBPROCESS",
    message: expect.stringContaining("git check-attr did not stay within 0.3 s"),
  });
  expect(() => runGit(folder, env, words, { timeoutMs: 300 })).toThrow(said);
  // Nor is it waited for again, by what comes next.
  rmSync(rules);
  expect(() => runGit(folder, env, ["rev-parse", "--git-dir"])).toThrow(said);
});
