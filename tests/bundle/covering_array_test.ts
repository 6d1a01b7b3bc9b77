import { describe, expect, test } from "bun:test";
import {
  type Combination,
  coveringArray,
  findSuspects,
} from "../../src/bundle/analysis/matrix/covering_array.ts";

function coveredValues(rows: readonly Combination[], a: number, b: number): number {
  return new Set(rows.map((row) => `${row[a]} ${row[b]}`)).size;
}

describe("every pair of flags takes all four values", () => {
  for (let flags = 2; flags <= 32; flags++) {
    test(`${flags} flags`, () => {
      const origin = Array.from({ length: flags }, (_, index) => index % 3 === 0);
      const rows = coveringArray(origin);
      expect(rows.length).toBeLessThanOrEqual(8);
      expect(rows[0]).toEqual(origin);
      for (let a = 0; a < flags; a++) {
        for (let b = a + 1; b < flags; b++) expect(coveredValues(rows, a, b)).toBe(4);
      }
    });
  }
});

test("few flags take few combinations", () => {
  expect([0, 1, 2, 3, 10, 32].map((n) => coveringArray(Array(n).fill(false)).length)).toEqual([
    1, 2, 4, 4, 6, 8,
  ]);
});

describe("what explains the failures", () => {
  const rows = coveringArray(Array(6).fill(false));
  const suspects = (fails: (row: Combination) => boolean) =>
    findSuspects(rows, rows.map(fails)).map((suspect) => [...suspect]);

  test("one flag", () => expect(suspects((row) => row[2] === true)).toEqual([[[2, true]]]));

  test("a pair", () => {
    expect(suspects((row) => row[1] === true && row[4] === false)).toContainEqual([
      [1, true],
      [4, false],
    ]);
  });

  test("nothing, when the failures have nothing in common", () => {
    let index = 0;
    expect(suspects(() => index++ === 0 || index === 2)).toEqual([]);
  });
});
