import { expect, test } from "bun:test";
import { foldersUpwards } from "../../src/base/walk_up.ts";
import {
  fishQuoted,
  printable,
  quote,
  quoteAscii,
  shellQuoted,
  shellWord,
} from "../../src/base/text.ts";

/** A control, C1, the end of a line by Unicode, a turn of the writing direction. */
const HOSTILE = "\u001b[31m \u009b \u2028 \u202e \u2066";

test("a quoted value and a printable text hold nothing that drives a terminal", () => {
  const unsafe = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
  for (const value of [HOSTILE, [HOSTILE], { [HOSTILE]: HOSTILE }]) {
    expect(quote(value)).not.toMatch(unsafe);
  }
  expect(printable(HOSTILE)).not.toMatch(unsafe);
  expect(printable("a\tb\u00e9 \ud83d\udc68\u200d\ud83d\udc69")).toBe(
    "a\tb\u00e9 \ud83d\udc68\u200d\ud83d\udc69",
  );
  expect(quote("a\u001bb")).toBe(String.raw`"a\u001bb"`);
  expect(quoteAscii("\u00e9")).toBe(String.raw`"\u00e9"`);
  expect(quote(undefined)).toBe("nothing");
  expect(quote("x".repeat(1000)).length).toBeLessThan(130);
  expect(quote({ x: "x".repeat(1000) }).length).toBeLessThan(130);
});

const WORDS = ["", "plain", "it's", "a b", "$(x)`y`", "\\'\\", "-n", "*", "\n"];

test.each(WORDS)("sh reads %j back", (word) => {
  for (const quoted of [shellWord(word), shellQuoted(word)]) {
    const { stdout } = Bun.spawnSync(["sh", "-c", `printf %s ${quoted}`, "sh"]);
    // printf takes a first `-n` for a format like any other.
    expect(stdout.toString()).toBe(word);
  }
});

test.skipIf(Bun.which("fish") === null).each(WORDS)("fish reads %j back", (word) => {
  const { stdout } = Bun.spawnSync(["fish", "-c", `printf %s ${fishQuoted(word)}`]);
  expect(stdout.toString()).toBe(word);
});

test("the walk upwards ends at the root, and after 64 folders", () => {
  expect([...foldersUpwards("/a/b")]).toEqual(["/a/b", "/a", "/"]);
  expect([...foldersUpwards("/")]).toEqual(["/"]);
  expect([...foldersUpwards("/x".repeat(100))]).toHaveLength(64);
});
