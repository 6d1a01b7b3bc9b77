/** The text twin of the file: written with it, checked, and merged as it is. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { GitClone, useClones } from "../support/git_clone.ts";
import { trace } from "../support/strace.ts";
import { testWith } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const kept = useClones();

/** A committed project with a twin. */
function newClone(...options: string[]): GitClone {
  const clone = kept(new GitClone());
  clone.init();
  clone.write("package.json", '{\n  "name": "shop",\n  "private": true\n}\n');
  clone.cli("init", "--yes", "--registry", "https://registry.example.test", ...options);
  clone.cli("git-setup");
  clone.commit("Pin");
  return clone;
}

const twinOf = (clone: GitClone) => readFileSync(`${clone.file}.txt`, "utf8");

/** The twin says what the file says, byte for byte, and every command that looks agrees. */
function expectTrue(clone: GitClone): void {
  expect(twinOf(clone)).toBe(clone.cli("inspect", "--text"));
  expect(clone.tryCli(["verify"]).exitCode).toBe(0);
}

describe("the twin", () => {
  test("is there by default, and every change writes it", () => {
    const clone = newClone();
    expectTrue(clone);
    for (const words of [
      ["feature", "define", "NEW", "--owner", "ann"],
      ["feature", "enable", "NEW"],
      ["set", "terminal.rows", "30"],
      ["freeze"],
      ["thaw"],
    ]) {
      clone.cli(...words);
      expectTrue(clone);
    }
    expect(twinOf(clone)).toContain("features.NEW on\n");
    expect(clone.git("diff", "--", "bunfig.lockb.txt")).toContain("+features.NEW on\n");
    expect(JSON.parse(clone.cli("verify", "--json"))).toMatchObject({ twin: "true" });
  });

  test("is not there with --no-text, nor after --undo", () => {
    const clone = newClone("--no-text");
    clone.cli("set", "terminal.rows", "30");
    expect(existsSync(`${clone.file}.txt`)).toBe(false);
    expect(JSON.parse(clone.cli("verify", "--json"))).toMatchObject({ twin: "none" });
    clone.cli("init", "--yes");
    expectTrue(clone);
    clone.cli("init", "--yes", "--no-text");
    expect(existsSync(`${clone.file}.txt`)).toBe(false);
    clone.cli("init", "--yes");
    clone.cli("init", "--yes", "--undo");
    expect([existsSync(clone.file), existsSync(`${clone.file}.txt`)]).toEqual([true, false]);
  });

  test("that is not true is found by verify and doctor, and written again by init", () => {
    const clone = newClone();
    writeFileSync(`${clone.file}.txt`, twinOf(clone).replace("DEBUG off", "DEBUG on"));
    const verify = clone.tryCli(["verify"]);
    expect([verify.exitCode, verify.stderr]).toEqual([
      1,
      expect.stringContaining("does not say what the file says"),
    ]);
    const doctor = clone.tryCli(["doctor"]);
    expect([doctor.exitCode, doctor.stdout]).toEqual([
      1,
      expect.stringMatching(/fail +text twin: .* does not say what the file says/),
    ]);
    clone.cli("init", "--yes");
    expectTrue(clone);
  });

  test("that is a link or a folder is not written through", () => {
    const clone = newClone();
    const target = clone.write("notes.md", "mine");
    for (const make of [
      () => symlinkSync(target, `${clone.file}.txt`),
      () => mkdirSync(`${clone.file}.txt`),
    ]) {
      rmSync(`${clone.file}.txt`, { recursive: true });
      make();
      clone.cli("set", "terminal.rows", String(30 + Math.floor(Math.random() * 99)));
      expect(readFileSync(target, "utf8")).toBe("mine");
      expect(lstatSync(`${clone.file}.txt`).isFile()).toBe(false);
      expect(clone.tryCli(["verify"]).exitCode).toBe(1);
      expect(clone.cli("init", "--yes")).toContain("is no plain file");
    }
  });

  testWith("strace")("a writer killed between the two leaves the file right", async () => {
    const clone = newClone();
    const before = twinOf(clone);
    const command = [process.execPath, clone.entry, "set", "terminal.rows", "31"];
    await trace(
      ["env", "-C", clone.root, ...command],
      [`${clone.root}/.bunfig.lockb.txt.new`],
      "rename:signal=KILL:when=1",
    );
    expect(clone.read().record.rows).toBe(31);
    expect(twinOf(clone)).toBe(before);
    expect(clone.tryCli(["verify"]).exitCode).toBe(1);
    clone.cli("set", "terminal.rows", "32");
    expectTrue(clone);
  });
});

/** A branch that meets the ones of the tests. */
function branches(clone: GitClone): void {
  clone.branch(
    "theirs",
    ["feature", "define", "THEIRS", "--bit", "7"],
    ["feature", "enable", "DEBUG"],
    ["set", "registry", "https://b.example.test"],
  );
}

describe("merges of the twin follow the file's", () => {
  test("joined", () => {
    const clone = newClone();
    branches(clone);
    clone.cli("set", "terminal.cols", "120");
    clone.commit("ours");
    clone.git("merge", "--quiet", "--no-edit", "theirs");
    expect(clone.git("status", "--porcelain")).toBe("");
    expectTrue(clone);
    expect(twinOf(clone)).toMatch(/features\.DEBUG on\n[^]*terminal\.cols 120\n/);
    clone.git("switch", "--quiet", "--force-create", "rebased", "theirs");
    clone.cli("set", "terminal.rows", "30");
    clone.commit("rows");
    clone.git("rebase", "--quiet", "main");
    expectTrue(clone);
  });

  test.each([true, false])("in a conflict, until resolve ends both; driver: %p", (hasDriver) => {
    const clone = newClone();
    branches(clone);
    clone.cli("feature", "define", "OURS", "--bit", "7");
    clone.commit("ours");
    if (!hasDriver) {
      clone.git("config", "--remove-section", "merge.immuconfig");
      clone.git("config", "--remove-section", "diff.immuconfig");
    }
    expect(clone.tryGit("merge", "--no-edit", "theirs").exitCode).toBe(1);
    expect(clone.git("status", "--porcelain")).toBe("UU bunfig.lockb\nUU bunfig.lockb.txt\n");
    if (hasDriver) expectTrue(clone);
    else expect(clone.cli("init", "--yes")).toContain("is in an open merge");
    expect(clone.tryCli(["doctor", "--fix"]).exitCode).toBe(1);
    expect(clone.git("ls-files", "--unmerged")).toContain("bunfig.lockb.txt");
    clone.cli("resolve", "--move");
    clone.git("commit", "--quiet", "--no-edit");
    expect(clone.git("status", "--porcelain")).toBe("");
    expectTrue(clone);
    expect(twinOf(clone)).toContain("features.THEIRS off\n");
    expect(twinOf(clone)).toContain("features.OURS bit 7\n");
  });

  test("one that is not true is not joined", () => {
    const clone = newClone();
    branches(clone);
    clone.cli("set", "terminal.cols", "120");
    writeFileSync(`${clone.file}.txt`, "features.DEBUG on\n");
    clone.commit("ours, and a twin that lies");
    const merge = clone.tryGit("merge", "--no-edit", "theirs");
    expect([merge.exitCode, merge.stderr]).toEqual([
      1,
      expect.stringContaining("bunfig.lockb.txt is not what bun-config writes"),
    ]);
    expect(clone.git("status", "--porcelain")).toContain("UU bunfig.lockb.txt\n");
  });
});
