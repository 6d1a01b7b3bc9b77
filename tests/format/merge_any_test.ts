/** What holds of the merge of any files. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { describeFile } from "../../src/format/describe/facts.ts";
import { type File, decodeFile, encodeFile } from "../../src/format/file.ts";
import { mergeFiles } from "../../src/format/merge/merge.ts";
import { type Choice, joinPackages } from "../../src/format/merge/three_way.ts";
import { arbitraryBranches, arbitraryFile } from "../support/arbitrary_file.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

/** All facts but the generation. */
function content(file: File) {
  return [...describeFile({ ...file, generation: 0 })];
}

/** Package records whose bytes are all the same number. */
function records(values: readonly number[]): Uint8Array {
  const sorted = values.toSorted((a, b) => a - b);
  return new Uint8Array(Buffer.concat(sorted.map((value) => Buffer.alloc(32, value))));
}
/** Settles every conflict for one side. */
const SETTLED: readonly Choice[] = ["ours", "theirs"];

describe("for any files", () => {
  test("what only one side changed is in the result of a conflict too, but where it lies", () => {
    let merges = 0;
    fc.assert(
      fc.property(arbitraryBranches, ([base, ours, theirs]) => {
        const open = mergeFiles(base, ours, theirs);
        const whole = new Set(["frozen", "signature", "generation"]);
        if (open.conflicts.some(({ field }) => whole.has(field))) return;
        merges += open.conflicts.length > 0 ? 1 : 0;
        const fields = new Set(open.conflicts.map(({ field }) => field));
        const bits = [...fields].flatMap((field) =>
          field.startsWith("bit.") ? field.slice(4) : [],
        );
        const [b, o, t, m] = [base, ours, theirs, open.file].map(describeFile);
        for (const name of new Set([b, o, t].flatMap((facts) => Array.from(facts?.keys() ?? [])))) {
          const flag = /^features\.[^ ]+/.exec(name)?.[0] ?? name;
          const atBit = [o, t].some((side) => bits.includes(side?.get(`${flag} bit`) ?? ""));
          if (["generation", "packages"].includes(name) || atBit) continue;
          if (fields.has(name) || [...fields].some((field) => field.startsWith(flag))) continue;
          if (bits.some((bit) => name === `bit ${bit}`)) continue;
          const [was, our, their, is] = [b, o, t, m].map((side) => side?.get(name));
          if (our === was) expect([name, is]).toEqual([name, their]);
          else if (their === was || our === their) expect([name, is]).toEqual([name, our]);
        }
      }),
      { seed: 5, numRuns: 2000 },
    );
    expect(merges).toBeGreaterThan(100);
  });

  test("every conflict can be settled, and the result can be written", () => {
    fc.assert(
      fc.property(
        arbitraryBranches,
        fc.constantFrom<Choice[]>(...SETTLED.map((side) => [side]), ["move", "theirs"]),
        ([base, ours, theirs], choices) => {
          const { file, conflicts } = mergeFiles(base, ours, theirs, ({ field }) => {
            const [first, second] = choices;
            return field.startsWith("bit.") ? first : (second ?? first);
          });
          expect(conflicts).toEqual([]);
          const bytes = encodeFile(file);
          expect(encodeFile(decodeFile(bytes, () => undefined))).toEqual(bytes);
        },
      ),
      { seed: 6, numRuns: 1000 },
    );
  });

  test("what only one side changed is in the result", () => {
    let merges = 0;
    fc.assert(
      fc.property(arbitraryBranches, ([base, ours, theirs]) => {
        const { file, conflicts } = mergeFiles(base, ours, theirs);
        if (conflicts.length > 0) return;
        merges++;
        const [b, o, t, m] = [base, ours, theirs, file].map(describeFile);
        const names = [b, o, t].flatMap((facts) => Array.from(facts?.keys() ?? []));
        for (const name of new Set(names)) {
          if (name === "generation" || name === "packages") continue;
          const [was, our, their, is] = [b, o, t, m].map((facts) => facts?.get(name));
          if (our === was) expect([name, is]).toEqual([name, their]);
          else if (their === was || our === their) expect([name, is]).toEqual([name, our]);
        }
      }),
      { seed: 1, numRuns: 2000 },
    );
    expect(merges).toBeGreaterThan(500);
  });

  test("a side that changed nothing takes the other, and the sides are alike", () => {
    fc.assert(
      fc.property(arbitraryBranches, ([base, ours, theirs]) => {
        const fast = mergeFiles(base, base, theirs);
        expect(fast.conflicts).toEqual([]);
        expect(content(fast.file)).toEqual(content(theirs));
        expect(content(mergeFiles(base, theirs, base).file)).toEqual(content(theirs));
        const [left, right] = [mergeFiles(base, ours, theirs), mergeFiles(base, theirs, ours)];
        expect(left.conflicts.length > 0).toBe(right.conflicts.length > 0);
        if (left.conflicts.length > 0) return;
        expect(content(left.file)).toEqual(content(right.file));
        expect(left.file.generation).toBe(right.file.generation);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test("the result can be written and read back, with or without a base", () => {
    fc.assert(
      fc.property(
        fc.option(arbitraryFile, { nil: undefined }),
        arbitraryFile,
        arbitraryFile,
        (base, ours, theirs) => {
          const { file } = mergeFiles(base, ours, theirs);
          const bytes = encodeFile(file);
          expect(encodeFile(decodeFile(bytes, () => undefined))).toEqual(bytes);
          expect(file.generation).toBe(Math.max(ours.generation, theirs.generation) + 1);
        },
      ),
      { seed: 3, numRuns: 1000 },
    );
  });

  test("packages are joined as sets", () => {
    const digests = fc.uniqueArray(fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(digests, digests, digests, (base, ours, theirs) => {
        const expected = [...new Set([...ours, ...theirs])].filter((value) =>
          base.includes(value) ? ours.includes(value) && theirs.includes(value) : true,
        );
        const merged = joinPackages({
          base: records(base),
          ours: records(ours),
          theirs: records(theirs),
        });
        expect(merged).toEqual(records(expected));
      }),
      { seed: 4 },
    );
  });
});
