import { expect, setDefaultTimeout, test } from "bun:test";
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
