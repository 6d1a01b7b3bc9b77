import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GitClone } from "../support/git_clone.ts";
import { testWith } from "../support/tools.ts";

let clone: GitClone;
let bare: GitClone;

beforeAll(() => {
  clone = GitClone.withFile();
  clone.cli("feature", "enable", "DEBUG");
  clone.cli("set", "terminal.rows", "30");
  clone.commit("Change it");
  clone.git("tag", "v1");
  const whole = readFileSync(clone.file);
  writeFileSync(clone.file, whole.subarray(0, 100));
  clone.commit("Break it");
  writeFileSync(clone.file, whole);
  clone.commit("Mend it");
  mkdirSync(join(clone.root, "config"));
  clone.git("mv", "bunfig.lockb", "config/bunfig.lockb");
  clone.git("config", "user.name", "Eve \u001b[31mRed");
  clone.commit("Move it");
  clone.cli("feature", "disable", "DEBUG", "--file", "config/bunfig.lockb");
  bare = new GitClone();
});

afterAll(() => {
  clone.remove();
  bare.remove();
});

const MOVED = ["--file", "config/bunfig.lockb"];

describe("diff", () => {
  test("of revisions, and of a revision and the file, in words", () => {
    const lines = "DEBUG: off → on\nterminal.rows: 24 → 30\ngeneration: 1 → 3\n";
    const [first = "", second = ""] = clone.git("rev-list", "--reverse", "HEAD").split("\n");
    expect(clone.cli("diff", `${first}:bunfig.lockb`, "v1:bunfig.lockb", ...MOVED)).toBe(lines);
    expect(clone.cli("diff", first, second, "--file", "bunfig.lockb")).toBe(lines);
    expect(clone.cli("diff", "HEAD", ...MOVED)).toBe("DEBUG: on → off\ngeneration: 3 → 4\n");
  });

  test("names every difference in JSON, and one may be the exit code", () => {
    const { exitCode, stdout } = clone.tryCli(["diff", "HEAD", ...MOVED, "--json", "--exit-code"]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      { field: "features.DEBUG", before: "on", after: "off" },
      { field: "generation", before: "3", after: "4" },
    ]);
    const same = clone.tryCli(["diff", "HEAD", "HEAD", "--exit-code", ...MOVED]);
    expect(same).toEqual({ exitCode: 0, stdout: "", stderr: "no difference\n" });
  });

  test("of files needs no repository", () => {
    const a = bare.write("a.lockb", readFileSync(join(clone.root, "config", "bunfig.lockb")));
    bare.cli("bootstrap", "--registry", "https://registry.example.test");
    expect(bare.cli("diff", "bunfig.lockb", a)).toContain("terminal.rows: 24 → 30\n");
  });

  test.each([
    [["diff"], 2, "expected A and at most one B"],
    [["diff", "no-such-thing", ...MOVED], 3, "neither a file nor a git revision"],
    [["diff", "--", "--output=leak", ...MOVED.toReversed()], 2, "expected A and at most one B"],
    [["diff", "HEAD~2", ...MOVED], 3, "neither a file nor a git revision that has bunfig.lockb"],
    [["diff", "HEAD~2:bunfig.lockb", ...MOVED], 4, "offset 100, header"],
  ])("%j ends with status %i", (args, exitCode, message) => {
    const run = clone.tryCli(args);
    expect(run.stderr).toContain(message);
    expect(run.exitCode).toBe(exitCode);
  });
});

describe("log", () => {
  test("follows a move, and shows a broken version as that", () => {
    const entries = JSON.parse(clone.cli("log", "--json", ...MOVED)) as Record<string, unknown>[];
    expect(entries.map(({ generation, state, path }) => [generation, state, path])).toEqual([
      [3, "changed", "config/bunfig.lockb"],
      [3, "mended", "bunfig.lockb"],
      [null, "broken", "bunfig.lockb"],
      [3, "changed", "bunfig.lockb"],
      [1, "created", "bunfig.lockb"],
    ]);
    expect(entries[2]?.["fault"]).toBe("offset 100, header: expected 104 bytes, found 100 bytes");
    expect(entries[3]).toMatchObject({
      author: "Ann Example",
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/),
    });
  });

  test("in words, newest first, within the limit, and no escape sequence of an author", () => {
    const text = clone.cli("log", "--limit", "4", ...MOVED);
    const heads = text.split("\n").filter((line) => line.startsWith("generation"));
    expect(heads).toHaveLength(3);
    expect(heads[0]).toEndWith("Eve ?[31mRed");
    expect(text).toContain("\n  DEBUG: off → on\n  terminal.rows: 24 → 30\n");
    expect(text).toContain("no generation");
    expect(text).not.toContain("created");
  });

  test("is the same whatever a repository's settings say of encodings, colours and forms", () => {
    const before = clone.cli("log", "--json", ...MOVED);
    const settings = {
      "i18n.logOutputEncoding": "UTF-16",
      "format.pretty": "raw",
      "color.ui": "always",
      "log.follow": "false",
      "log.showRoot": "false",
      "core.abbrev": "4",
      "diff.renames": "false",
    };
    for (const [name, value] of Object.entries(settings)) clone.git("config", name, value);
    expect(clone.cli("log", "--json", ...MOVED)).toBe(before);
    for (const name of Object.keys(settings)) clone.git("config", "--unset", name);
  });

  testWith("mkfifo")("waits for no .mailmap, which it has no use for", () => {
    const before = clone.cli("log", "--json", ...MOVED);
    const path = join(clone.root, ".mailmap");
    expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
    expect(clone.cli("log", "--json", ...MOVED)).toBe(before);
    rmSync(path);
  });

  test("a merge that joined two sides is a version of its own", () => {
    const merged = GitClone.withFile();
    try {
      merged.branch("wide", ["set", "terminal.cols", "120"]);
      merged.cli("feature", "enable", "DEBUG");
      merged.commit("Enable");
      merged.git("merge", "--no-edit", "wide");
      const entries = JSON.parse(merged.cli("log", "--json")) as Record<string, unknown>[];
      expect(entries.map(({ generation }) => generation)).toEqual([3, 2, 2, 1]);
      expect(entries[0]?.["changes"]).toContainEqual({
        field: "terminal.cols",
        before: "80",
        after: "120",
      });
    } finally {
      merged.remove();
    }
  });

  test("without a repository, a commit, or git, it says so", () => {
    expect(bare.tryCli(["log"])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("is in no git work tree"),
    });
    bare.init();
    expect(bare.tryCli(["log"])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("git has no version of bunfig.lockb"),
    });
    expect(bare.tryCli(["log"], { PATH: bare.root })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("git is not on the PATH"),
    });
    expect(clone.tryCli(["log", "--limit", "0", ...MOVED]).exitCode).toBe(2);
  });
});
