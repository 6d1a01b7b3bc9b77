/** Lists of JSON with comments, as turbo.json and nx.json may have them. */

import { expect, test } from "bun:test";
import { parseJsonc } from "../../src/base/jsonc.ts";
import {
  addItems,
  editMembers,
  removeItems,
} from "../../src/cli/commands/setup/project/json_text.ts";

test.each([
  ['{"a": ["x",]}', '{"a": ["x", "y",]}'],
  ['{"a": [\n  "x",\n]}', '{"a": [\n  "x",\n  "y",\n]}'],
  ['{"a": ["x" // why\n]}', '{"a": ["x", "y" // why\n]}'],
  ['{"a": ["x", /* "z" */]}', '{"a": ["x", "y", /* "z" */]}'],
  ['{"a": [ // none\n]}', '{"a": ["y" // none\n]}'],
  ['{"a": [{"b": 1}]}', '{"a": [{"b": 1}, "y"]}'],
  ['{"a": [{"b": 0, "y": 1}]}', '{"a": [{"b": 0, "y": 1}, "y"]}'],
  ['{"a": [["x", "y"]]}', '{"a": [["x", "y"], "y"]}'],
  ['{"a": ["x"]}', '{"a": ["x", "y"]}'],
])("%j gets an item, and loses it again", (text, expected) => {
  const added = addItems(text, ["a"], ["y"]);
  expect(added).toBe(expected);
  const before = parseJsonc(text) as { a: unknown[] };
  expect(parseJsonc(added)).toEqual({ a: [...before.a, "y"] });
  expect(parseJsonc(removeItems(added, ["a"], ["y"]))).toEqual(before);
});

test("members are set in one reading; of two of one name the last, and nothing beside them", () => {
  const text = '{"s": {"a": "1", /* c */ "b": 2, "a": "3",\n "c": {"a": 4}}, "a": 5}';
  const seen: string[] = [];
  const edited = editMembers(text, ["s"], (name, value) => {
    seen.push(`${name}=${value}`);
    return name === "a" ? '"longer than it was"' : value;
  });
  expect(seen).toEqual(["b=2", 'a="3"', 'c={"a": 4}']);
  expect(edited).toBe(text.replace('"3"', '"longer than it was"'));
  expect(editMembers(text, ["none"], () => "0")).toBe(text);
});
