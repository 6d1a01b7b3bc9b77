import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeFile } from "../../src/format/describe/facts.ts";
import { PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { GitClone, useClones } from "../support/git_clone.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const kept = useClones();

/** A clone in the middle of `git merge theirs`. */
function conflict(hasDriver: boolean): GitClone {
  const clone = kept(GitClone.withFile());
  clone.branch(
    "theirs",
    ["feature", "define", "THEIR_FLAG", "--bit", "7", "--owner", "bob"],
    ["feature", "enable", "THEIR_FLAG", "DEBUG"],
    ["set", "registry", "https://b.example.test"],
    ["set", "terminal.rows", "50"],
  );
  clone.cli("feature", "define", "OUR_FLAG", "--bit", "7");
  clone.cli("set", "terminal.rows", "40");
  clone.cli("set", "terminal.cols", "120");
  clone.commit("ours");
  if (!hasDriver) clone.cli("git-setup", "--undo");
  expect(clone.tryGit("merge", "--no-edit", "theirs").exitCode).toBe(1);
  return clone;
}

const facts = (clone: GitClone, ...names: string[]) => {
  const known = describeFile(clone.read());
  return names.map((name) => known.get(name));
};

const CLEAN = ["features.DEBUG", "terminal.cols", "registry"];
const JOINED = ["on", "120", expect.stringContaining("https://b.example.test")];
const BITS = ["features.OUR_FLAG bit", "features.THEIR_FLAG bit", "features.THEIR_FLAG"];

describe.each([true, false])("with the driver: %p", (hasDriver) => {
  test("the open fields are named, and stay open while nobody chooses", () => {
    const clone = conflict(hasDriver);
    const { exitCode, stdout } = clone.tryCli(["resolve", "--json"]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      file: clone.file,
      resolved: false,
      open: [
        { field: "bit.7", ours: "OUR_FLAG", theirs: "THEIR_FLAG" },
        { field: "terminal.rows", ours: "40", theirs: "50" },
      ],
    });
    const partly = clone.tryCli(["resolve", "--move"]);
    expect(partly.stdout).toContain("terminal.rows: ours 40, theirs 50");
    expect(partly.stdout).not.toContain("bit.7");
    expect(clone.git("ls-files", "--unmerged")).toContain("bunfig.lockb");
    const doctor = clone.tryCli(["doctor"]);
    expect(doctor.stdout).toContain("git: bunfig.lockb is in an open merge");
    expect(doctor.exitCode).toBe(1);
  });

  test("their flag moves to a free bit with all it has, and git can commit", () => {
    const clone = conflict(hasDriver);
    clone.cli("resolve", "--theirs", "--move");
    clone.git("commit", "--quiet", "--no-edit");
    expect(facts(clone, ...CLEAN)).toEqual(JOINED);
    const [ours, theirs, state] = facts(clone, ...BITS);
    expect([ours, state]).toEqual(["7", "on"]);
    expect(theirs).not.toBe("7");
    expect(facts(clone, "features.THEIR_FLAG owner", "terminal.rows")).toEqual(["bob", "50"]);
    expect(clone.cli("resolve")).toContain("nothing to resolve");
  });

  test("each field has its own choice", () => {
    const clone = conflict(hasDriver);
    clone.cli("resolve", "--ours", "bit.7=theirs");
    expect(facts(clone, ...BITS)).toEqual([undefined, "7", "on"]);
    expect(facts(clone, "terminal.rows", ...CLEAN)).toEqual(["40", ...JOINED]);
    expect(clone.git("ls-files", "--unmerged")).toBe("");
  });

  test("what was edited since the merge is not overwritten", () => {
    const clone = conflict(hasDriver);
    clone.cli("set", "terminal.rows", "45");
    const before = clone.read();
    const { exitCode, stderr } = clone.tryCli(["resolve", "--ours"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("was edited since the merge");
    expect(stderr).toContain("git add bunfig.lockb");
    expect(clone.read()).toEqual(before);
  });

  test("a choice that says nothing is refused", () => {
    const clone = conflict(hasDriver);
    for (const words of [
      ["--ours", "--theirs"],
      ["terminal.rows"],
      ["terminal.rows=both"],
      ["--ours", "terminal.cols=theirs"],
    ]) {
      expect(clone.tryCli(["resolve", ...words]).exitCode).toBe(2);
    }
    expect(clone.git("ls-files", "--unmerged")).toContain("bunfig.lockb");
  });
});

test("types are written again for what was settled", () => {
  const clone = conflict(false);
  clone.cli("types");
  const types = () => readFileSync(join(clone.root, "immuconfig-env.d.ts"), "utf8");
  expect(types()).not.toContain("THEIR_FLAG");
  const { stderr } = clone.tryCli(["resolve", "--ours", "--move"]);
  expect(stderr).toContain("immuconfig-env.d.ts; add it to git, too");
  expect(types()).toContain("THEIR_FLAG");
});

test("one side removed the file, or broke it: there is nothing to join", () => {
  const clone = kept(GitClone.withFile());
  clone.branch("changed", ["feature", "enable", "DEBUG"]);
  clone.git("rm", "--quiet", "bunfig.lockb");
  clone.commit("Remove it");
  clone.tryGit("merge", "--no-edit", "changed");
  const removed = clone.tryCli(["resolve", "--ours"]);
  expect([removed.exitCode, removed.stderr]).toEqual([
    1,
    expect.stringContaining("our side has no bunfig.lockb"),
  ]);
  clone.git("reset", "--quiet", "--hard", "HEAD~1");
  writeFileSync(clone.file, "BUN1 but nothing else");
  clone.commit("Break it");
  clone.tryGit("merge", "--no-edit", "changed");
  expect(clone.tryCli(["resolve", "--theirs"]).exitCode).toBe(4);
});
