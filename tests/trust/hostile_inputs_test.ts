import { expect, setDefaultTimeout, test } from "bun:test";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { SEED } from "../support/properties.ts";
import { feed, PARSERS } from "./hostile_inputs.ts";

setDefaultTimeout(60_000);

// `bun scripts/hostile_inputs.ts 1000000` feeds as many as one likes.
test.each(Object.entries(PARSERS))("%s: hostile inputs are read or refused", (_, parser) => {
  const { read, refused } = feed(parser, 5000, SEED);
  expect(read + refused).toBe(5000);
  expect(read).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
});

// What takes the square of a million steps does not end within the time of a test.
test("a long input is refused without a long search", () => {
  for (const piece of [" ", "/**/", '"a\\"', "//\n", "[", "${", "registry=\n", "=", "A='\n"]) {
    const text = piece.repeat(1_000_000 / piece.length);
    for (const { parse } of Object.values(PARSERS)) {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ImmuconfigError);
      }
    }
  }
});
