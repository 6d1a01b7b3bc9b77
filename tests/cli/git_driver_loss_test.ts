/** Git goes on when what the driver was made of is gone, and runs nothing that a branch brings. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { GitClone, useClones } from "../support/git_clone.ts";
import { REPOSITORY } from "../support/repository.ts";
import { testWith } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const kept = useClones();
function newClone(): GitClone {
  return kept(GitClone.withFile());
}

const GIT = Bun.which("git") ?? "git";
const SHELL_TOOLS = ["sh", "dirname", "basename", "readlink", "cat"];
const WORDS = "-features.DEBUG off\n+features.DEBUG on\n";
/** What git shows of a file without the driver. */
const PLAIN = /^-git-blob [0-9a-f]{40}\n\+git-blob [0-9a-f]{40}\n/m;

/** A PATH with git and a shell, and nothing that runs JavaScript but what is given. */
function bareTools(clone: GitClone, ...programs: readonly (readonly [string, string])[]): string {
  const folder = join(clone.root, "..", `tools-${Math.random()}`);
  mkdirSync(folder);
  for (const tool of SHELL_TOOLS) symlinkSync(Bun.which(tool) ?? tool, join(folder, tool));
  symlinkSync(GIT, join(folder, "git"));
  for (const [name, target] of programs) symlinkSync(target, join(folder, name));
  return folder;
}

/** The driver as it stands, with the Bun that it names gone. */
function forgetRuntime(clone: GitClone): void {
  const path = join(clone.root, ".git", "immuconfig", "driver");
  const text = readFileSync(path, "utf8");
  const without = text.replace(/for program in .*? "\$\(command/, 'for program in "$(command');
  expect(without).not.toBe(text);
  writeFileSync(path, without);
}

test("no setting names a folder of this machine, and the driver is in the repository's own", () => {
  const clone = newClone();
  const settings = clone.git("config", "--local", "--get-regexp", "immuconfig");
  for (const folder of [clone.root, REPOSITORY, process.execPath, "node_modules", "/bun"]) {
    expect(settings).not.toContain(folder);
  }
  expect(readdirSync(join(clone.root, ".git", "immuconfig")).toSorted()).toEqual([
    "driver",
    "driver.mjs",
  ]);
});

test("the package is gone: git diff, log and merge work as before", () => {
  const clone = kept(new GitClone());
  clone.init();
  const copy = join(clone.root, "node_modules", "immuconfig");
  mkdirSync(copy, { recursive: true });
  for (const part of ["dist", "package.json"]) {
    cpSync(join(REPOSITORY, part), join(copy, part), { recursive: true });
  }
  const entry = join(copy, "dist", "cli", "config.js");
  const run = (...words: string[]) => clone.run([process.execPath, entry, ...words]);
  expect(run("bootstrap").stderr + run("git-setup").stderr).toBe("");
  writeFileSync(join(clone.root, ".gitignore"), "node_modules\n");
  clone.commit("Pin");
  clone.branch("wide", ["set", "terminal.cols", "120"]);
  clone.cli("feature", "enable", "DEBUG");
  rmSync(join(clone.root, "node_modules"), { recursive: true });
  expect(clone.git("diff")).toContain(WORDS);
  clone.commit("DEBUG");
  clone.git("merge", "--quiet", "--no-edit", "wide");
  expect(clone.git("log", "-p", "--format=%s", "-2")).toContain(WORDS);
  expect(clone.read().record).toMatchObject({ cols: 120, featureFlags: 4n });
});

test("the worktree that set it up is gone, and another one works", () => {
  const clone = kept(new GitClone());
  clone.init();
  clone.cli("bootstrap");
  clone.commit("Pin");
  const worktree = join(clone.root, "..", "worktree");
  clone.git("worktree", "add", "--quiet", worktree);
  expect(clone.tryCli(["git-setup"], {}, worktree).exitCode).toBe(0);
  clone.git("worktree", "remove", "--force", worktree);
  writeFileSync(
    join(clone.root, ".gitattributes"),
    "bunfig.lockb -text diff=immuconfig merge=immuconfig\n",
  );
  clone.cli("feature", "enable", "DEBUG");
  expect(clone.git("diff")).toContain(WORDS);
  expect(clone.tryCli(["doctor"]).stdout).toContain("git can show and merge it");
});

describe("where nothing can run it", () => {
  test("git shows a name, merges nothing, and ends as it does alone", () => {
    const clone = newClone();
    clone.branch("theirs", ["feature", "enable", "DEBUG"]);
    clone.cli("set", "terminal.cols", "120");
    clone.commit("ours");
    forgetRuntime(clone);
    const env = { PATH: bareTools(clone) };
    const diff = clone.run([GIT, "diff", "HEAD~1"], env);
    expect([diff.exitCode, diff.stdout]).toEqual([0, expect.stringMatching(PLAIN)]);
    const merge = clone.run([GIT, "merge", "--no-edit", "theirs"], env);
    expect([merge.exitCode, merge.stderr]).toEqual([1, expect.stringContaining("resolve does")]);
    expect(clone.git("status", "--porcelain")).toBe("UU bunfig.lockb\n");
    expect(clone.read().record).toMatchObject({ cols: 120, featureFlags: 0n });
    clone.cli("resolve", "--ours");
    expect(clone.read().record).toMatchObject({ cols: 120, featureFlags: 4n });
  });

  test("the same where our folder in the repository is gone", () => {
    const clone = newClone();
    clone.branch("theirs", ["feature", "enable", "DEBUG"]);
    clone.cli("set", "terminal.cols", "120");
    clone.commit("ours");
    rmSync(join(clone.root, ".git", "immuconfig"), { recursive: true });
    expect(clone.git("diff", "HEAD~1")).toMatch(PLAIN);
    expect(clone.tryGit("merge", "--no-edit", "theirs").exitCode).toBe(1);
    expect(clone.git("status", "--porcelain")).toBe("UU bunfig.lockb\n");
    expect(clone.tryCli(["doctor"]).stdout).toContain("open merge");
  });

  testWith("node")("Node runs it where there is no Bun", () => {
    const clone = newClone();
    clone.branch("theirs", ["feature", "enable", "DEBUG"]);
    clone.cli("set", "terminal.cols", "120");
    clone.commit("ours");
    forgetRuntime(clone);
    const env = { PATH: bareTools(clone, ["node", Bun.which("node") ?? ""]) };
    expect(clone.run([GIT, "merge", "--no-edit", "theirs"], env)).toMatchObject({ exitCode: 0 });
    expect(clone.read().record).toMatchObject({ cols: 120, featureFlags: 4n });
    expect(clone.run([GIT, "diff", "HEAD~1"], env).stdout).toContain(WORDS);
  });
});

test("a folder with a version in its name moves: the link on the PATH is what counts", () => {
  const clone = newClone();
  clone.cli("git-setup", "--undo");
  const cellar = join(clone.root, "..", "Cellar");
  mkdirSync(join(cellar, "1"), { recursive: true });
  copyFileSync(process.execPath, join(cellar, "1", "bun"));
  chmodSync(join(cellar, "1", "bun"), 0o755);
  const tools = bareTools(clone, ["bun", join(cellar, "1", "bun")]);
  const setup = clone.run([join(cellar, "1", "bun"), clone.entry, "git-setup"], { PATH: tools });
  expect([setup.exitCode, setup.stderr]).toEqual([0, ""]);
  expect(readFileSync(join(clone.root, ".git", "immuconfig", "driver"), "utf8")).not.toContain(
    "Cellar",
  );
  renameSync(join(cellar, "1"), join(cellar, "2"));
  rmSync(join(tools, "bun"));
  symlinkSync(join(cellar, "2", "bun"), join(tools, "bun"));
  clone.cli("feature", "enable", "DEBUG");
  expect(clone.run([GIT, "diff"], { PATH: tools }).stdout).toContain(WORDS);
});

test("nothing in the work tree is run: no package, no Bun, no preload, no .env", () => {
  const clone = newClone();
  const mark = join(clone.root, "..", "ran");
  clone.git("switch", "--quiet", "--create", "evil");
  const evil = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");\n`;
  const files: Record<string, string> = {
    "node_modules/immuconfig/dist/cli/config.js": evil,
    "evil.js": evil,
    "bunfig.toml": 'preload = ["./evil.js"]\n',
    ".env": `BUN_OPTIONS=--preload=./evil.js\nNODE_OPTIONS=--require=./evil.js\n`,
    "package.json": '{"imports":{"#x":"./evil.js"},"browser":{"fs":"./evil.js"}}',
    "tsconfig.json": '{"compilerOptions":{"paths":{"node:fs":["./evil.js"],"fs":["./evil.js"]}}}',
  };
  for (const program of ["bun", "node"]) {
    files[`node_modules/.bin/${program}`] = `#!/bin/sh\n: > ${mark}\n`;
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(clone.root, name, ".."), { recursive: true });
    writeFileSync(join(clone.root, name), text, { mode: 0o755 });
  }
  clone.cli("set", "terminal.rows", "40");
  rmSync(mark, { force: true });
  clone.git("add", "--all", "--force");
  clone.git("commit", "--quiet", "--message", "evil");
  forgetRuntime(clone);
  const links = join(clone.root, "..", "links");
  mkdirSync(links);
  symlinkSync(join(clone.root, "node_modules", ".bin", "node"), join(links, "node"));
  const paths = ["node_modules/.bin", join(clone.root, "node_modules", ".bin"), links];
  for (const first of paths) {
    const env = { PATH: `${first}:${bareTools(clone)}` };
    const diff = clone.run([GIT, "diff", "main", "--", "bunfig.lockb"], env);
    expect([diff.exitCode, diff.stdout]).toEqual([0, expect.stringMatching(PLAIN)]);
  }
  expect(clone.git("diff", "main", "--", "bunfig.lockb")).toContain("+terminal.rows 40");
  expect(existsSync(mark)).toBe(false);
});

test("doctor warns of a driver that another release, or another way, set up", () => {
  const clone = newClone();
  const old = "git's driver here is not whole, or of another release";
  expect(clone.cli("doctor")).not.toContain(old);
  const program = join(clone.root, ".git", "immuconfig", "driver.mjs");
  writeFileSync(program, readFileSync(program, "utf8") + "\n// older");
  expect(clone.cli("doctor")).toContain(old);
  clone.cli("git-setup");
  expect(clone.cli("doctor")).not.toContain(old);
  clone.git("config", "diff.immuconfig.textconv", "/old/bun /old/config.js inspect --textconv");
  expect(clone.cli("doctor")).toContain(old);
});

test("a file whose name has blanks and wildcards is known to git", () => {
  const clone = newClone();
  const name = "my [shop] *.lockb";
  clone.git("mv", "bunfig.lockb", name);
  clone.cli("git-setup", "--file", name);
  expect(clone.cli("doctor", "--file", name)).not.toContain(".gitattributes does not name");
  clone.commit("Rename");
  clone.cli("--file", name, "feature", "enable", "DEBUG");
  expect(clone.git("diff")).toContain(WORDS);
  clone.cli("git-setup", "--undo", "--file", name);
  expect(readFileSync(join(clone.root, ".gitattributes"), "utf8")).not.toContain("shop");
});
