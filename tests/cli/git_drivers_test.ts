import { hasFlag } from "../../src/format/flag_set.ts";
import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GitClone, useClones } from "../support/git_clone.ts";
import { CLI } from "../support/repository.ts";

const kept = useClones();

function newClone(name?: string): GitClone {
  return kept(GitClone.withFile(name));
}

const enabled = (clone: GitClone): string[] => {
  const { flags, record } = clone.read();
  return flags.filter(({ bit }) => hasFlag(record.featureFlags, bit)).map(({ name }) => name);
};

describe("two branches that each enabled another flag", () => {
  let clone: GitClone;

  beforeAll(() => {
    clone = newClone();
    clone.cli("feature", "define", "ALPHA");
    clone.cli("feature", "define", "BETA");
    clone.commit("Define flags");
    clone.branch("alpha", ["feature", "enable", "ALPHA"]);
    clone.branch("beta", ["feature", "enable", "BETA"]);
  });

  function start(branch: string): void {
    clone.git("switch", "--quiet", "--force-create", branch, "main");
    clone.git("merge", "--quiet", "--ff-only", "alpha");
  }

  test("git merge gives a valid file with both", () => {
    start("merged");
    clone.git("merge", "--no-edit", "beta");
    expect(clone.git("status", "--porcelain")).toBe("");
    expect(clone.cli("verify")).toContain("is valid");
    expect(enabled(clone)).toEqual(["ALPHA", "BETA"]);
    expect(clone.read().generation).toBe(5);
  });

  test("git cherry-pick and git rebase join them too", () => {
    start("picked");
    clone.git("cherry-pick", "beta");
    expect(enabled(clone)).toEqual(["ALPHA", "BETA"]);
    start("upstream");
    clone.git("switch", "--quiet", "--force-create", "rebased", "beta");
    clone.git("rebase", "--quiet", "upstream");
    expect(enabled(clone)).toEqual(["ALPHA", "BETA"]);
    expect(clone.git("log", "--format=%s", "-2")).toBe("beta\nalpha\n");
  });

  test("git revert takes one of them back", () => {
    start("reverted");
    clone.git("cherry-pick", "beta");
    clone.git("revert", "--no-edit", "alpha");
    expect(enabled(clone)).toEqual(["BETA"]);
  });

  test("git merge works from a folder below, with a preload that prints and exits", () => {
    start("below");
    mkdirSync(join(clone.root, "src"), { recursive: true });
    writeFileSync(join(clone.root, "noise.ts"), 'console.log("noise");\nprocess.exit(7);\n');
    writeFileSync(join(clone.root, "bunfig.toml"), 'preload = ["./noise.ts"]\n');
    const merge = clone.run(["git", "merge", "--no-edit", "beta"], {}, join(clone.root, "src"));
    expect(merge.stdout).not.toContain("noise");
    expect(merge.exitCode).toBe(0);
    expect(enabled(clone)).toEqual(["ALPHA", "BETA"]);
    clone.git("clean", "--quiet", "--force", "-d");
  });

  test("git diff and git log -p show words, and broken versions do not stop them", () => {
    const words = clone.git("diff", "main", "alpha");
    expect(words).toContain("-features.ALPHA off\n+features.ALPHA on\n");
    expect(words).not.toContain("Binary");
    clone.git("switch", "--quiet", "--force-create", "broken", "main");
    writeFileSync(clone.file, "BUN1 but nothing else");
    clone.commit("Break it");
    expect(clone.git("log", "--patch", "-1")).toContain(
      "+not valid: offset 21, header: expected 104 bytes, found 21 bytes",
    );
    const pick = clone.tryGit("merge", "--no-edit", "beta");
    expect(pick.exitCode).toBe(1);
    expect(pick.stderr).toContain("our bunfig.lockb is not valid");
    expect(clone.git("status", "--porcelain")).toBe("UU bunfig.lockb\n");
    clone.git("merge", "--abort");
  });
});

test("git diff works where git knows no author, as in a fresh checkout", () => {
  const clone = newClone();
  clone.git("config", "--unset", "user.name");
  clone.git("config", "--unset", "user.email");
  clone.git("config", "user.useConfigOnly", "true");
  clone.cli("feature", "enable", "DEBUG");
  expect(clone.git("diff")).toContain("-features.DEBUG off\n+features.DEBUG on\n");
  expect(clone.git("for-each-ref", "refs/notes")).toBe("");
});

test("an executable in a folder with a shell's and git's own signs is called by git", () => {
  const clone = newClone();
  const tools = join(clone.root, "..", "it's 50%O; $HOME");
  mkdirSync(tools);
  const executable = join(tools, "bun-config");
  const build = clone.run([process.execPath, "build", "--compile", CLI, "--outfile", executable]);
  expect(build.exitCode).toBe(0);
  expect(clone.run([executable, "git-setup"]).stdout).toContain("immuconfig/driver");
  // Nothing else may run the driver.
  const driver = readFileSync(join(clone.root, ".git", "immuconfig", "driver"), "utf8");
  expect(driver).not.toContain(process.execPath);
  writeFileSync(
    join(clone.root, ".git", "immuconfig", "driver"),
    driver.replaceAll(/command -v (?:bun|node)/g, "true"),
  );
  clone.branch("wide", ["set", "terminal.cols", "120"]);
  clone.cli("set", "terminal.rows", "50");
  clone.commit("Rows");
  clone.git("merge", "--no-edit", "wide");
  expect(clone.read().record).toMatchObject({ rows: 50, cols: 120 });
  expect(clone.git("diff", "HEAD~1")).toContain("+terminal.cols 120\n");
});

describe("a true conflict", () => {
  test("stays visible, says every field, and keeps what joins in a valid file", () => {
    const clone = newClone();
    clone.branch("wide", ["set", "terminal.cols", "120"], ["set", "terminal.rows", "50"]);
    clone.branch(
      "narrow",
      ["set", "terminal.cols", "60"],
      ["set", "terminal.rows", "20"],
      ["feature", "enable", "DEBUG"],
    );
    clone.git("merge", "--quiet", "wide");
    const merge = clone.tryGit("merge", "narrow");
    expect(merge.exitCode).toBe(1);
    expect(merge.stderr).toContain("terminal.rows: ours 50, theirs 20");
    expect(merge.stderr).toContain("terminal.cols: ours 120, theirs 60");
    expect(clone.git("status", "--porcelain")).toBe("UU bunfig.lockb\n");
    expect(clone.read().record).toMatchObject({ rows: 50, cols: 120 });
    expect(enabled(clone)).toEqual(["DEBUG"]);
    expect(clone.cli("verify")).toContain("is valid");
    clone.cli("set", "terminal.cols", "100");
    clone.git("add", "bunfig.lockb");
    clone.git("commit", "--quiet", "--no-edit");
    expect(clone.cli("log", "--limit", "1")).toContain("terminal.cols: 120 → 100");
  });

  test("is what two new flags on one bit are", () => {
    const clone = newClone();
    clone.branch("gamma", ["feature", "define", "GAMMA", "--bit", "7"]);
    clone.branch(
      "delta",
      ["feature", "define", "DELTA", "--bit", "7"],
      ["set", "terminal.cols", "120"],
    );
    clone.git("merge", "--quiet", "gamma");
    const merge = clone.tryGit("merge", "delta");
    expect(merge.exitCode).toBe(1);
    expect(merge.stderr).toContain("bit.7: ours GAMMA, theirs DELTA");
    expect(merge.stderr).not.toContain("terminal.cols");
    expect(clone.read().record.cols).toBe(120);
  });

  test("both sides created the file: git gives an empty base", () => {
    const clone = newClone();
    const bytes = readFileSync(clone.file);
    clone.git("rm", "--quiet", "bunfig.lockb");
    clone.git("commit", "--quiet", "--message", "Remove it");
    clone.git("switch", "--quiet", "--create", "other");
    writeFileSync(clone.file, bytes);
    clone.cli("feature", "define", "GAMMA", "--bit", "7");
    clone.commit("Create it");
    clone.git("switch", "--quiet", "main");
    writeFileSync(clone.file, bytes);
    clone.cli("feature", "define", "DELTA", "--bit", "8");
    clone.commit("Create it too");
    clone.git("merge", "--no-edit", "other");
    expect(clone.read().flags.map(({ name }) => name)).toEqual(["DEBUG", "GAMMA", "DELTA"]);
  });
});

describe("git-setup", () => {
  test("changes once, and --undo takes all of it back", () => {
    const clone = kept(new GitClone());
    clone.init();
    const before = readFileSync(join(clone.root, ".git", "config"), "utf8");
    const attributes = clone.write(".gitattributes", "*.png binary");
    expect(clone.cli("git-setup")).toContain("Wrote merge.immuconfig.driver");
    const line = "bunfig.lockb -text diff=immuconfig merge=immuconfig";
    expect(readFileSync(attributes, "utf8")).toBe(`*.png binary\n${line}`);
    expect(JSON.parse(clone.cli("git-setup", "--json"))).toEqual({
      root: clone.root,
      undo: false,
      changed: [],
    });
    expect(readFileSync(attributes, "utf8")).toBe(`*.png binary\n${line}`);
    clone.cli("git-setup", "--undo");
    expect(readFileSync(join(clone.root, ".git", "config"), "utf8")).toBe(before);
    expect(readFileSync(attributes, "utf8")).toBe("*.png binary");
    expect(clone.cli("git-setup", "--undo")).toBe("nothing to undo\n");
  });

  test("stays where init is undone, which says so, and goes without a record", () => {
    const clone = newClone();
    const config = join(clone.root, ".git", "config");
    const undo = ["init", "--undo", "--purge", "--yes"];
    const note =
      "git's driver stays in this clone, for other records of it; `bun-config git-setup --undo` takes it out.";
    clone.cli("git-setup");
    expect(clone.cli(...undo)).toContain(`note: ${note}\n`);
    expect(JSON.parse(clone.cli(...undo, "--json")).notes).toEqual([note]);
    expect(readFileSync(config, "utf8")).toContain("immuconfig");
    clone.cli("git-setup", "--undo");
    expect(readFileSync(config, "utf8")).not.toContain("immuconfig");
    expect(existsSync(join(clone.root, ".git", "immuconfig"))).toBe(false);
    expect(clone.cli(...undo)).toBe("There is nothing to do.\n");
  });

  test("accepts attributes that say the same elsewhere, and removes an empty file of its own", () => {
    const clone = newClone();
    const root = join(clone.root, ".gitattributes");
    clone.cli("git-setup", "--undo");
    expect(existsSync(root)).toBe(false);
    writeFileSync(
      join(clone.root, ".git", "info", "attributes"),
      "*.lockb -text diff=immuconfig merge=immuconfig\n",
    );
    clone.cli("git-setup");
    expect(existsSync(root)).toBe(false);
  });

  test("outside a repository, and without git, it says so", () => {
    const clone = kept(new GitClone());
    const outside = clone.tryCli(["git-setup"]);
    expect(outside.exitCode).toBe(3);
    expect(outside.stderr).toContain("is in no git work tree");
    const missing = clone.tryCli(["git-setup"], { PATH: clone.root });
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toContain("git is not on the PATH");
  });
});
