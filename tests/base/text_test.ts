import { expect, test } from "bun:test";
import { foldersUpwards } from "../../src/base/walk_up.ts";
import {
  fishQuoted,
  isThisMachine,
  parseOrigin,
  printable,
  quote,
  quoteAddress,
  quoteAscii,
  shellQuoted,
  shellWord,
  splice,
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

test.each([
  ["user:secret@example.test:1", '"…@example.test:1"'],
  ["tls://user:secret@b@example.test", '"…@example.test"'],
  ["https://example.test?token=secret#secret", '"https://example.test?…"'],
  ["https://example.test#secret", '"https://example.test?…"'],
  ["nonsense", '"nonsense"'],
])("an address is quoted without its secrets: %s", (address, quoted) => {
  expect(quoteAddress(address)).toBe(quoted);
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

test("this machine is known by its names and addresses, and by nothing that begins like them", () => {
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "::ffff:127.0.0.1"]) {
    expect(isThisMachine(host)).toBe(true);
  }
  for (const host of [
    "127.example.test",
    "127.0.0.1.example.test",
    "localhost.test",
    "::2",
    "0.0.0.0",
    "",
  ]) {
    expect(isThisMachine(host)).toBe(false);
  }
});

test("an origin is all that a text says", () => {
  expect(parseOrigin("https://a.example.test:8443")?.origin).toBe("https://a.example.test:8443");
  expect(parseOrigin("https://a.example.test/")?.origin).toBe("https://a.example.test");
  for (const text of [
    "https://a.example.test/x",
    "https://u:p@a.example.test",
    "https://a.example.test?q",
    "a",
  ]) {
    expect(parseOrigin(text)).toBeNull();
  }
});

test("a part of a text is replaced, and nothing beside it", () => {
  expect(splice("abcd", 1, 3, "-")).toBe("a-d");
  expect(splice("abcd", 2, 2, "-")).toBe("ab-cd");
});
