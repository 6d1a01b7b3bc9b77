/**
 * Branches edited at random meet in real git, with and without the driver: what joins is in the
 * result of every merge. `IMMUCONFIG_RANDOM_MERGES=2000` asks for more of them.
 */

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { describeFile } from "../../src/format/describe/facts.ts";
import { type Change } from "../../src/format/edit/change.ts";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { retireFlag, switchFlags } from "../../src/format/edit/switch_flags.ts";
import { setRegistry } from "../../src/format/edit/set_registries.ts";
import { setTerminalSize } from "../../src/format/edit/set_fields.ts";
import { type File, encodeFile } from "../../src/format/file.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { GitClone } from "../support/git_clone.ts";
import { Random } from "../support/random.ts";

const COUNT = Number(process.env["IMMUCONFIG_RANDOM_MERGES"] ?? 20);
const EDITS_MAX = 4;

// Bounds a hang: a merge runs about ten processes.
setDefaultTimeout(60_000 + COUNT * 3000);

const clones: GitClone[] = [];
afterAll(() => {
  for (const clone of clones) clone.remove();
});

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
  return [...names].flatMap((name) => {
    const [was, our, their, is] = [b, o, t, m].map((facts) => facts?.get(name));
    if (name === "generation" || (our !== was && their !== was && our !== their)) return [];
    const wanted = our === was ? their : our;
    // A flag that moved away from a shared bit, and a retired one, keep all the rest.
    if (name.endsWith(".bit") && is !== undefined) return [];
    if (OWN_RULES.test(name) && is === "retired") return [];
    return wanted === is ? [] : [`${name}: ${wanted} expected, ${is} found`];
  });
}

test.each([true, false])(`nothing is lost in ${COUNT} merges, driver: %p`, (hasDriver) => {
  const random = new Random(hasDriver ? 11 : 12);
  const clone = new GitClone();
  clones.push(clone);
  clone.init();
  writeFileSync(clone.file, encodeFile(BASE));
  if (hasDriver) clone.cli("git-setup");
  clone.commit("base");
  let resolved = 0;
  for (let run = 0; run < COUNT; run++) {
    const [ours, theirs] = [edited(random, "OURS"), edited(random, "THEIRS")];
    for (const [branch, file] of [
      ["theirs", theirs],
      ["ours", ours],
    ] as const) {
      clone.git("switch", "--quiet", "--force-create", branch, "main");
      writeFileSync(clone.file, encodeFile(file));
      clone.git("commit", "--quiet", "--allow-empty", "--all", "--message", branch);
    }
    const merge = clone.tryGit("merge", "--quiet", "--no-edit", "theirs");
    if (merge.exitCode !== 0) {
      resolved += 1;
      clone.cli("resolve", "--ours", "--move");
      clone.git("commit", "--quiet", "--no-edit");
    }
    expect(clone.git("status", "--porcelain")).toBe("");
    expect({ run, lost: lost(ours, theirs, clone.read()) }).toEqual({ run, lost: [] });
  }
  // Without the driver every merge of two changed files is one.
  expect(resolved).toBeGreaterThan(hasDriver ? 0 : COUNT / 2);
});
