/** flagd's percentage rollouts: its own vectors, and keys of every kind against a second reading. */

import { describe, expect, test } from "bun:test";
import { fractional, type Share, WEIGHT_MAX } from "../../src/api/domain/fractional.ts";
import { Random } from "../support/random.ts";

const shares = (...list: readonly (readonly [string, number])[]): Share[] =>
  list.map(([variant, weight]) => ({ variant, weight }));

/** The rule as flagd's documents put it, on Bun's own hash and whole numbers without a bound. */
function reference(key: string, list: readonly Share[]): string | undefined {
  const hash = BigInt(Bun.hash.murmur32v3(Buffer.from(key, "utf8"), 0));
  const total = list.reduce((sum, { weight }) => sum + BigInt(weight), 0n);
  const bucket = (hash * total) >> 32n;
  let end = 0n;
  return list.find(({ weight }) => bucket < (end += BigInt(weight)))?.variant;
}

describe("the vectors of flagd 0.16 (core/pkg/evaluator/fractional_test.go)", () => {
  const COLOURS = shares(["red", 25], ["blue", 25], ["green", 25], ["yellow", 25]);
  const ENDS = shares(["red", 25], ["blue", 25]);
  test.each([
    ["headerColorrachel@faas.com", COLOURS, "blue"],
    ["headerColormonica@faas.com", COLOURS, "yellow"],
    ["headerColorjoey@faas.com", COLOURS, "red"],
    ["headerColorross@faas.com", COLOURS, "blue"],
    ["my-seedrachel@faas.com", COLOURS, "green"],
    ["my-seedmonica@faas.com", COLOURS, "red"],
    ["my-seedjoey@faas.com", COLOURS, "blue"],
    ["my-seedross@faas.com", COLOURS, "green"],
    ["foo@foo.com", ENDS, "blue"],
    ["foo@foo.com", shares(["red", 1], ["blue", 1]), "blue"],
    ["headerColorfoo@foo.com", shares(["blue", 50], ["green", 50]), "green"],
    ["headerColorany-user", shares(["blue", 1]), "blue"],
  ])("%s", (key, list, variant) => {
    expect(fractional(key, list)).toBe(variant);
  });
});

describe("the vectors of flagd-testbed 3.9.0 (evaluator/gherkin/fractional.feature)", () => {
  const SUITS = shares(["clubs", 25], ["diamonds", 25], ["hearts", 25], ["spades", 25]);
  const EDGE = shares(["lower", 50], ["upper", 50]);
  const COIN = shares(["heads", 1], ["tails", 1]);
  test.each([
    ["fractional-flagjack", SUITS, "hearts"],
    ["fractional-flagqueen", SUITS, "spades"],
    ["fractional-flagten", SUITS, "clubs"],
    ["fractional-flagnine", SUITS, "diamonds"],
    ["fractional-flag3", SUITS, "clubs"],
    ["fractional-flag-shorthandjon@company.com", COIN, "heads"],
    ["fractional-flag-shorthandjane@company.com", COIN, "tails"],
    ["shared-seedseven", SUITS, "hearts"],
    ["shared-seedeight", SUITS, "diamonds"],
    ["shared-seednine", SUITS, "clubs"],
    ["shared-seedtwo", SUITS, "spades"],
    // The ends of the hash and of its halves.
    ["ejOoVL", EDGE, "lower"],
    ["bY9fO-", EDGE, "lower"],
    ["SI7p-", EDGE, "lower"],
    ["6LvT0", EDGE, "upper"],
    ["ceQdGm", EDGE, "upper"],
  ])("%s", (key, list, variant) => {
    expect(fractional(key, list)).toBe(variant);
  });
});

test("10,000 keys, half of them beyond ASCII, under weights of every size", () => {
  const random = new Random(0x66726163);
  const letters = ["a", "Z", "0", "-", "@", "é", "ß", "Ж", "中", "🎲", "\u0301", "\u{10ffff}"];
  for (let round = 0; round < 10_000; round++) {
    const length = random.below(24);
    const alphabet = round % 2 === 0 ? letters.slice(0, 5) : letters;
    const key = Array.from({ length }, () => random.pick(alphabet)).join("");
    const largest = random.pick([1, 100, 10_000, Math.floor(WEIGHT_MAX / 8)]);
    const list = Array.from({ length: 1 + random.below(8) }, (_, index) => ({
      variant: `v${index}`,
      weight: random.below(largest + 1),
    }));
    const some = [...list, { variant: "rest", weight: 1 }];
    expect([key, fractional(key, some)]).toEqual([key, reference(key, some) ?? "none"]);
  }
});

test("the ends of the hash under the largest sum", () => {
  const halves = shares(["a", 2 ** 30], ["b", 2 ** 30 - 1]);
  for (const key of ["ejOoVL", "bY9fO-", "SI7p-", "6LvT0", "ceQdGm"]) {
    expect(fractional(key, halves)).toBe(reference(key, halves) ?? "none");
  }
});
