import { expect, test } from "bun:test";
import { addPreload, removePreload } from "../../../src/cli/commands/setup/project/bunfig_toml.ts";

const OURS = 'preload = ["immuconfig/register"]';

const CASES: readonly (readonly [name: string, before: string | undefined, after: string])[] = [
  ["no file", undefined, `${OURS}\n\n[test]\n${OURS}\n`],
  [
    "settings and comments",
    '# ours\nsmol = true\n\n[install] # where from\nregistry = "https://registry.example.test"\n',
    `${OURS}\n# ours\nsmol = true\n\n[install] # where from\nregistry = "https://registry.example.test"\n\n[test]\n${OURS}\n`,
  ],
  ["no line end at the end", "smol = true", `${OURS}\nsmol = true\n\n[test]\n${OURS}`],
  ["CRLF", "smol = true\r\n", `${OURS}\r\nsmol = true\r\n\r\n[test]\r\n${OURS}\r\n`],
  [
    "other preloads",
    'preload = ["./a.ts"] # mine\n[test]\npreload = [ "./b.ts" ]\ncoverage = true\n',
    'preload = ["immuconfig/register", "./a.ts"] # mine\n[test]\npreload = ["immuconfig/register",  "./b.ts" ]\ncoverage = true\n',
  ],
  [
    "a list over several lines",
    'preload = [\n  # first\n  "./a.ts",\n]\n[test]\ncoverage = true\n[install]\nexact = true\n',
    'preload = [\n  "immuconfig/register",\n  # first\n  "./a.ts",\n]\n' +
      `[test]\n${OURS}\ncoverage = true\n[install]\nexact = true\n`,
  ],
  [
    "a [test] table that ends the file",
    "[test]\ncoverage = true",
    `${OURS}\n[test]\n${OURS}\ncoverage = true`,
  ],
];

for (const [name, before, after] of CASES) {
  test(`${name}: added, once, and taken away to the byte`, () => {
    expect(addPreload(before)).toEqual({ text: after, notes: [] });
    expect(addPreload(after)).toEqual({ text: after, notes: [] });
    expect(removePreload(after)).toEqual({ text: before, notes: [] });
  });
}

test("a single preload becomes a list, and stays one", () => {
  const { text = "" } = addPreload("preload = './a.ts'\n[test]\npreload = \"./b.ts\"\n");
  expect(Bun.TOML.parse(text)).toEqual({
    preload: ["immuconfig/register", "./a.ts"],
    test: { preload: ["immuconfig/register", "./b.ts"] },
  });
  expect(Bun.TOML.parse(removePreload(text).text ?? "")).toEqual({
    preload: ["./a.ts"],
    test: { preload: ["./b.ts"] },
  });
});

test("what cannot be edited safely is left alone, with what to add", () => {
  const hostile: [before: string, notes: number][] = [
    ["= broken", 2],
    ["test = { coverage = true }\n", 1],
    ["test.coverage = true\n", 1],
    ['"preload" = ["./a.ts"]\n', 1],
    ['[test]\n"preload" = ["./a.ts"]\n', 1],
    ['text = """\npreload = ["./x.ts"]\n"""\n', 1],
  ];
  for (const [before, count] of hostile) {
    const { text = "", notes } = addPreload(before);
    expect([before, notes.length]).toEqual([before, count]);
    expect(notes[0]).toContain("immuconfig/register");
    expect(text).toContain(before);
  }
});
