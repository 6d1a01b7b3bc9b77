/**
 * Branches edited at random meet in real git, with and without the driver: what joins is in the
 * result of every merge. `IMMUCONFIG_RANDOM_MERGES=2000` asks for more of them.
 */

import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describeFile } from "../../src/format/describe/facts.ts";
import { type Change } from "../../src/format/edit/change.ts";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { retireFlag, switchFlags } from "../../src/format/edit/switch_flags.ts";
import { setRegistry } from "../../src/format/edit/set_registries.ts";
import { setTerminalSize } from "../../src/format/edit/set_fields.ts";
import { type File, decodeFile, encodeFile } from "../../src/format/file.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { GitClone, useClones } from "../support/git_clone.ts";
import { Random } from "../support/random.ts";

const COUNT = Number(process.env["IMMUCONFIG_RANDOM_MERGES"] ?? 20);
const EDITS_MAX = 4;
/** Of one process, which may start a driver for each file, on a busy machine too. */
const MERGE_TIMEOUT_MS = 120_000;
/** Files that one merge commit joins. */
const FOLDERS_MAX = 5;

// Bounds a hang: a merge runs two processes.
setDefaultTimeout(60_000 + COUNT * 3000);

const kept = useClones();

const BASE = ["ALPHA", "BETA", "GAMMA", "DELTA"].reduce(
  (file, name) => defineFlag(name)(file),
  defaultFile({ registry: "https://registry.example.test" }),
);

/** A side: the base after some edits, each of them possible. */
function edited(random: Random, side: string): File {
  let file = BASE;
  for (let left = 1 + random.below(EDITS_MAX); left > 0; left--) {
    const usable = file.flags
      .map(({ name }) => name)
      .filter((name) => file.meta.flags?.[name]?.retired !== true);
    const change = random.pick<() => Change>([
      () => defineFlag(`${side}_${random.below(1000)}`, { owner: side }),
      () => switchFlags([random.pick(usable)], random.below(3) > 0),
      () => switchFlags([random.pick(usable)], random.below(3) > 0),
      () => setRegistry(`https://${random.pick(["a", "b"])}.example.test`),
      () => setRegistry(`https://${side}.example.test`, `@${side.toLowerCase()}`),
      () => setTerminalSize("cols", random.pick([80, 100, 120])),
      () => retireFlag(random.pick(usable)),
    ]);
    const next = change()(file);
    if (next !== file) file = { ...next, generation: file.generation + 1 };
  }
  return file;
}

/** Facts that a merge decides by rules of their own. */
const OWN_RULES = /^(?:generation|features\.\w+)$/;

/** What the result should hold and does not, a line each. */
function lost(ours: File, theirs: File, merged: File): string[] {
  const [b, o, t, m] = [BASE, ours, theirs, merged].map(describeFile);
  const names = new Set([o, t].flatMap((facts) => [...(facts?.keys() ?? [])]));
  const bits = new Set(merged.flags.map(({ bit }) => String(bit)));
  return [...names].flatMap((name) => {
    const [was, our, their, is] = [b, o, t, m].map((facts) => facts?.get(name));
    if (name === "generation" || (our !== was && their !== was && our !== their)) return [];
    const wanted = our === was ? their : our;
    // A flag that moved away from a shared bit, and a retired one, keep all the rest.
    if (name.endsWith(" bit") && is !== undefined && bits.has(String(wanted))) return [];
    if (OWN_RULES.test(name) && is === "retired") return [];
    return wanted === is ? [] : [`${name}: ${wanted} expected, ${is} found`];
  });
}

/** Writes and commits a file for each folder on a branch of its own, from `main`. */
function commitSide(clone: GitClone, branch: string, files: readonly File[]): void {
  clone.git("switch", "--quiet", "--force-create", branch, "main");
  files.forEach((file, folder) => clone.write(`${folder}/bunfig.lockb`, encodeFile(file)));
  clone.git("commit", "--quiet", "--allow-empty", "--all", "--message", branch);
}

/** The folders whose file is in conflict. */
function openFolders(clone: GitClone): string[] {
  const names = clone.git("diff", "--name-only", "--diff-filter=U");
  return names
    .split("\n")
    .filter((name) => name !== "")
    .map((name) => dirname(name));
}

// One merge commit joins many folders: git starts the driver for each file, and itself once.
test.each([true, false])(`nothing is lost in ${COUNT} merges, driver: %p`, (hasDriver) => {
  const random = new Random(hasDriver ? 11 : 12);
  const clone = kept(new GitClone("project", MERGE_TIMEOUT_MS));
  clone.init();
  for (let folder = 0; folder < Math.min(COUNT, FOLDERS_MAX); folder++) {
    mkdirSync(join(clone.root, String(folder)));
    clone.write(`${folder}/bunfig.lockb`, encodeFile(BASE));
  }
  if (hasDriver) clone.cli("git-setup");
  clone.commit("base");
  let resolved = 0;
  for (let done = 0; done < COUNT; done += FOLDERS_MAX) {
    const runs = Array.from({ length: Math.min(FOLDERS_MAX, COUNT - done) }, () => ({
      ours: edited(random, "OURS"),
      theirs: edited(random, "THEIRS"),
    }));
    commitSide(
      clone,
      "theirs",
      runs.map(({ theirs }) => theirs),
    );
    commitSide(
      clone,
      "ours",
      runs.map(({ ours }) => ours),
    );
    const { exitCode } = clone.tryGit("merge", "--quiet", "--no-edit", "theirs");
    if (exitCode === null) throw new Error("git was ended while it merged");
    if (exitCode !== 0) {
      const open = openFolders(clone);
      resolved += open.length;
      for (const folder of open) resolve(clone, folder);
      clone.git("commit", "--quiet", "--no-edit");
    }
    expect(clone.git("status", "--porcelain")).toBe("");
    runs.forEach(({ ours, theirs }, folder) => {
      const merged = readFile(join(clone.root, String(folder), "bunfig.lockb"));
      const run = done + folder;
      expect({ run, lost: lost(ours, theirs, merged) }).toEqual({ run, lost: [] });
    });
  }
  // Without the driver every merge of two changed files is one.
  expect(resolved).toBeGreaterThan(hasDriver ? 0 : COUNT / 2);
  expect(resolved).toBeLessThan(hasDriver ? COUNT : COUNT + 1);
});

function resolve(clone: GitClone, folder: string): void {
  const { exitCode, stdout, stderr } = clone.tryCli(
    ["resolve", "--ours", "--move"],
    {},
    join(clone.root, folder),
  );
  if (exitCode !== 0) throw new Error(`resolve in ${folder} (${exitCode}): ${stdout}${stderr}`);
}

function readFile(path: string): File {
  return decodeFile(new Uint8Array(readFileSync(path)), () => undefined);
}
