import { expect, test } from "bun:test";
import {
  addAttributes,
  removeAttributes,
} from "../../../src/cli/commands/setup/project/git_attributes.ts";
import { lineDiff } from "../../../src/cli/commands/setup/project/line_diff.ts";

const NAME = "bunfig.lockb";
const LINE = "bunfig.lockb -text diff=immuconfig merge=immuconfig";
const TWIN_LINE = "bunfig.lockb.txt -text merge=immuconfig";

test.each([true, false])("lines are added once, and taken away to the byte; twin: %p", (twin) => {
  for (const before of [
    undefined,
    "",
    "*.png binary\n",
    "*.png binary",
    "*.png binary\r\n",
    "\n\n",
  ]) {
    const { text = "" } = addAttributes(before, NAME, twin);
    expect(text).toContain(LINE);
    expect(text.includes(TWIN_LINE)).toBe(twin);
    expect(addAttributes(text, NAME, twin).text).toBe(text);
    expect(removeAttributes(text, NAME).text).toBe(before);
  }
});

test("lines that were added after it stay", () => {
  expect(removeAttributes(`a b\n${LINE}\nc d\n${TWIN_LINE}\n`, NAME).text).toBe("a b\nc d\n");
});

test("a line in other spaces counts as ours, and one about another file does not", () => {
  const text = `  bunfig.lockb   -text\tdiff=immuconfig merge=immuconfig\n`;
  expect(addAttributes(text, NAME, false).text).toBe(text);
  expect(addAttributes(`my${LINE}\n`, NAME, false).text).toContain(`\n${LINE}\n`);
});

test("a name with blanks, quotes and wildcards is no pattern", () => {
  expect(addAttributes(undefined, 'a "b" [c]*', false).text).toBe(
    String.raw`"a \"b\" \\[c]\\*" -text diff=immuconfig merge=immuconfig` + "\n",
  );
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
