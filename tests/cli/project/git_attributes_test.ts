import { expect, test } from "bun:test";
import {
  addAttributes,
  removeAttributes,
} from "../../../src/cli/commands/setup/project/git_attributes.ts";
import { lineDiff } from "../../../src/cli/commands/setup/project/line_diff.ts";

const NAME = "bunfig.lockb";
const LINE = "bunfig.lockb -text diff=immuconfig merge=immuconfig";

test("the line is added once, and taken away to the byte", () => {
  for (const before of ["", "*.png binary\n", "*.png binary", "*.png binary\r\n", "\n\n"]) {
    const { text = "" } = addAttributes(before, NAME);
    expect(text).toContain(LINE);
    expect(addAttributes(text, NAME).text).toBe(text);
    expect(removeAttributes(text, NAME).text).toBe(before);
  }
});

test("lines that were added after it stay", () => {
  expect(removeAttributes(`a b\n${LINE}\nc d\n`, NAME).text).toBe("a b\nc d\n");
});

test("a line in other spaces counts as ours", () => {
  const text = `  bunfig.lockb   -text\tdiff=immuconfig merge=immuconfig\n`;
  expect(addAttributes(text, NAME).text).toBe(text);
});

test("a diff has the changed lines alone, in order", () => {
  expect(lineDiff("", "a\nb\n")).toEqual(["+a", "+b"]);
  expect(lineDiff("a\nb\n", "")).toEqual(["-a", "-b"]);
  expect(lineDiff("a\nb\nc\nd\n", "x\na\nc\nd\ny\n")).toEqual(["+x", "-b", "+y"]);
  expect(lineDiff("a\n", "a")).toEqual([]);
});

const manyLines = (letter: string) =>
  Array.from({ length: 5_000 }, (_, i) => letter + i).join("\n");

test("a diff of many lines that all differ still ends", () => {
  expect(lineDiff(manyLines("a"), manyLines("b"))).toHaveLength(10_000);
});
