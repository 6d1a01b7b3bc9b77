import { describe, expect, test } from "bun:test";
import { FormatError } from "../../src/base/errors.ts";
import { decodeMeta, encodeMeta, isPlainText, isScope, type Meta } from "../../src/format/meta.ts";
import { errorOf } from "../support/errors.ts";

const utf8 = new TextEncoder();

/** The fault of a payload that is refused; undefined of one that is read. */
function fieldOfFault(payload: Uint8Array): string | undefined {
  try {
    decodeMeta(payload, 0);
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error.fault.field;
    throw error;
  }
}

function urls(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `https://r${1000 + i}.example.test`);
}

function scoped(count: number): Meta {
  return { registries: Object.fromEntries(urls(count).map((url, i) => [`@s${i}`, url])) };
}

function unsigned(count: number): Meta {
  return { upgrade: { unsigned: urls(count) } };
}

/** One character for each length that UTF-8 has. */
const CHARACTERS = ["a", "\u00fc", "\u6f22", "\u{1f600}"];

describe("a text", () => {
  test.each([
    ["project", 214, (text: string): Meta => ({ project: text })],
    ["description", 200, (text: string): Meta => ({ flags: { A: { description: text } } })],
    ["owner", 100, (text: string): Meta => ({ flags: { A: { owner: text } } })],
  ])("%s has at most %d bytes of UTF-8", (_, max, metaOf) => {
    for (const character of CHARACTERS) {
      const size = utf8.encode(character).length;
      const longest = character.repeat(Math.floor(max / size)) + "x".repeat(max % size);
      const meta = metaOf(longest);
      expect(decodeMeta(encodeMeta(meta), 0)).toEqual(meta);
      expect(fieldOfFault(encodeMeta(metaOf(`${longest}x`)))).toStartWith("meta.");
    }
  });

  test("of who may sign overrides is keys, ascending, and of what they may do a rule", () => {
    const [a, b] = ["0".repeat(64), "f".repeat(64)];
    for (const meta of [{ online: [a, b] }, { flags: { A: { live: "none" } } }] as Meta[]) {
      expect(decodeMeta(encodeMeta(meta), 0)).toEqual(meta);
    }
    const wrong: unknown[] = [
      { online: [b, a] },
      { online: [a, a] },
      { online: ["0".repeat(63)] },
      { online: Array.from({ length: 17 }, (_, index) => `${index + 10}`.padEnd(64, "0")) },
      { flags: { A: { live: "any" } } },
      { flags: { A: { live: "" } } },
    ];
    for (const meta of wrong) {
      expect(fieldOfFault(encodeMeta(meta as Meta))).toStartWith("meta.");
    }
  });

  test("is measured in bytes", () => {
    for (const character of CHARACTERS) {
      const size = utf8.encode(character).length;
      expect(isPlainText(character, size)).toBe(true);
      expect(isPlainText(character, size - 1)).toBe(false);
    }
    expect(isPlainText("", 10)).toBe(false);
  });

  test("holds no control character and no half of a surrogate pair", () => {
    const bad = [0, 0x1f, 0x7f, 0x80, 0x9f, 0xd800, 0xdfff].map((unit) =>
      String.fromCharCode(unit),
    );
    for (const character of bad) expect(isPlainText(`a${character}b`, 10)).toBe(false);
    for (const character of [" ", "~", "\u00a0"]) {
      expect(isPlainText(`a${character}b`, 10)).toBe(true);
    }
  });
});

test("a scope has at most 213 characters after the @", () => {
  expect(isScope(`@${"a".repeat(213)}`)).toBe(true);
  expect(isScope(`@${"a".repeat(214)}`)).toBe(false);
  expect(isScope("@")).toBe(false);
});

describe("a list of registries", () => {
  test("has at most 256 scopes", () => {
    expect(decodeMeta(encodeMeta(scoped(256)), 0)).toEqual(scoped(256));
    expect(fieldOfFault(encodeMeta(scoped(257)))).toBe("meta.registries");
  });

  test("has at most 256 that need no signature", () => {
    expect(decodeMeta(encodeMeta(unsigned(256)), 0)).toEqual(unsigned(256));
    expect(fieldOfFault(encodeMeta(unsigned(257)))).toBe("meta.upgrade");
  });
});

describe("a member of another release", () => {
  test.each([
    ['{"other":"a"}', "meta"],
    ['{"bun":{"other":"1.4.5"}}', "meta.bun"],
    ['{"flags":{"A":{"other":"a"}}}', "meta.flags.A"],
    ['{"upgrade":{"other":["https://a.test"]}}', "meta.upgrade"],
  ])("is refused: %s", (text, field) => {
    expect(fieldOfFault(utf8.encode(text))).toBe(field);
  });
});

test("a fault quotes names without the control characters in them", () => {
  const names = '{"registries":{"default":"https://a.test","\\u001b[31m\\u001b":"https://a.test"}}';
  const error = errorOf(() => decodeMeta(utf8.encode(names), 100));
  expect(error).toHaveProperty("fault", {
    offset: 100 + names.indexOf('"\\u001b'),
    field: "meta.registries",
    expected: 'a member after "default"',
    found: '"\\u001b[31m\\u001b"',
  });
});
