import { describe, expect, test } from "bun:test";
import {
  addToTurbo,
  isInTurbo,
  removeFromTurbo,
} from "../../../src/cli/commands/setup/project/task_caches.ts";

const NAME = "bunfig.lockb";

describe.each([
  ["nothing named", '{\n  "tasks": { "build": {} }\n}\n'],
  ["empty lists", '{"globalDependencies":[],"tasks":{},"globalEnv":[]}'],
  ["other names", '{\n  "globalEnv": ["CI"],\n  "globalDependencies": [\n    "a.json"\n  ]\n}\n'],
  ["comments", '{\n  // keys\n  "globalEnv": ["CI"], // more\n  "tasks": {},\n}\n'],
])("%s", (_, before) => {
  test("is added to, once, and given back to the byte", () => {
    expect(isInTurbo(before, NAME)).toBe(false);
    const { text = "", notes } = addToTurbo(before, NAME);
    expect(notes).toEqual([]);
    expect(isInTurbo(text, NAME)).toBe(true);
    expect(Bun.JSONC.parse(text)).toMatchObject({
      globalDependencies: expect.arrayContaining([NAME]),
      globalEnv: expect.arrayContaining(["BUN_OPTIONS", "IMMUCONFIG_*"]),
    });
    expect(addToTurbo(text, NAME)).toEqual({ text, notes: [] });
    expect(removeFromTurbo(text, NAME)).toEqual({ text: before, notes: [] });
  });
});

test("a list with one name a line stays one", () => {
  const before = '{\n  "globalEnv": [\n    "CI",\n    "PORT"\n  ],\n  "tasks": {}\n}\n';
  const { text } = addToTurbo(before, NAME);
  expect(text).toContain('    "PORT",\n    "BUN_OPTIONS",\n    "IMMUCONFIG_*"\n  ],\n');
  expect(removeFromTurbo(text, NAME)).toEqual({ text: before, notes: [] });
});

test("no file stays none, and what is no JSON is told", () => {
  expect(addToTurbo(undefined, NAME)).toEqual({ text: undefined, notes: [] });
  for (const before of ["{", "[]"]) {
    const { text, notes } = addToTurbo(before, NAME);
    expect([text, notes.length]).toEqual([before, 1]);
  }
});
