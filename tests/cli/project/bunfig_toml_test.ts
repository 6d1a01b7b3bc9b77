import { describe, expect, test } from "bun:test";
import {
  addPreload,
  PRELOAD,
  removePreload,
} from "../../../src/cli/commands/setup/project/bunfig_toml.ts";

const OURS = `preload = "${PRELOAD}"`;
const IN_TEST = `preload = '${PRELOAD}'`;
const TEST_BLOCK = `\n[test]\n${OURS}\n`;

type Case = readonly [name: string, before: string | undefined, after: string];

const CASES: readonly Case[] = [
  ["no file", undefined, `${OURS}\n${TEST_BLOCK}`],
  ["an empty file", "", `${OURS}\n\n[test]\n${OURS}`],
  ["a file of one line end", "\n", `${OURS}\n\n${TEST_BLOCK}`],
  [
    "settings and comments",
    '# ours\nsmol = true\n\n[install] # where from\nregistry = "https://registry.example.test"\n',
    `${OURS}\n# ours\nsmol = true\n\n[install] # where from\nregistry = "https://registry.example.test"\n${TEST_BLOCK}`,
  ],
  ["no line end at the end", "smol = true", `${OURS}\nsmol = true\n\n[test]\n${OURS}`],
  ["CRLF", "smol = true\r\n", `${OURS}\r\nsmol = true\r\n\r\n[test]\r\n${OURS}\r\n`],
  [
    "a byte order mark",
    '\uFEFF[test]\npreload = ["./t.ts"]\n',
    `\uFEFF${OURS}\n[test]\npreload = ["${PRELOAD}", "./t.ts"]\n`,
  ],
  [
    "other preloads",
    'preload = ["./a.ts"] # mine\n[test]\npreload = [ "./b.ts" ]\ncoverage = true\n',
    `preload = ["${PRELOAD}", "./a.ts"] # mine\n[test]\npreload = ["${PRELOAD}",  "./b.ts" ]\ncoverage = true\n`,
  ],
  [
    "lists that are empty",
    "preload = []\n[test]\npreload = [ ]\n",
    `preload = ["${PRELOAD}",]\n[test]\npreload = ["${PRELOAD}", ]\n`,
  ],
  [
    "a single preload",
    "preload = './a.ts' # mine\n[test]\npreload = \"./b.ts\"\n",
    `preload = [ "${PRELOAD}", './a.ts' ] # mine\n[test]\npreload = [ "${PRELOAD}", "./b.ts" ]\n`,
  ],
  [
    "a list over several lines",
    'preload = [\n  # first\n  "./a.ts",\n]\n[test]\ncoverage = true\n[install]\nexact = true\n',
    `preload = [\n  "${PRELOAD}",\n  # first\n  "./a.ts",\n]\n` +
      `[test]\n${IN_TEST}\ncoverage = true\n[install]\nexact = true\n`,
  ],
  [
    "a [test] table that ends the file",
    "[test]\ncoverage = true",
    `${OURS}\n[test]\n${IN_TEST}\ncoverage = true`,
  ],
  [
    "a [test] table with nothing in it",
    "[install]\nexact = true\n[test]\n",
    `${OURS}\n[install]\nexact = true\n[test]\n${IN_TEST}\n`,
  ],
  [
    "the same behind a blank line, without a line end",
    "smol = true\n\n[test]",
    `${OURS}\nsmol = true\n\n[test]\n${IN_TEST}`,
  ],
  [
    "blanks and a comment in the header",
    '[ "test" ] # tests\ncoverage = true\n',
    `${OURS}\n[ "test" ] # tests\n${IN_TEST}\ncoverage = true\n`,
  ],
  [
    "a dotted key",
    'test.preload = ["./t.ts"]\n',
    `${OURS}\ntest.preload = ["${PRELOAD}", "./t.ts"]\n`,
  ],
  [
    "other dotted keys",
    "smol = true\ntest.coverage = true\n",
    `${OURS}\nsmol = true\ntest.${OURS}\ntest.coverage = true\n`,
  ],
  [
    "an inline table",
    "test = { coverage = false }\n",
    `${OURS}\ntest = { ${OURS}, coverage = false }\n`,
  ],
  ["an inline table without blanks", "test={root='.'}\n", `${OURS}\ntest={ ${OURS},root='.'}\n`],
  ["an empty inline table", "test = {}\n", `${OURS}\ntest = {${OURS}}\n`],
  [
    "an inline table with a preload",
    'test = { preload = "./t.ts", coverage = true }\n',
    `${OURS}\ntest = { preload = [ "${PRELOAD}", "./t.ts" ], coverage = true }\n`,
  ],
  [
    "a key in quotes",
    '"preload" = ["./a.ts"]\n[test]\n"preload" = ["./b.ts"]\n',
    `"preload" = ["${PRELOAD}", "./a.ts"]\n[test]\n"preload" = ["${PRELOAD}", "./b.ts"]\n`,
  ],
  [
    "a table below [test], and an array of tables",
    '[test.reporter]\njunit = "out.xml"\n[[other]]\npreload = ["./no.ts"]\n',
    `${OURS}\n[test.reporter]\njunit = "out.xml"\n[[other]]\npreload = ["./no.ts"]\n${TEST_BLOCK}`,
  ],
  [
    "text that only looks like ours",
    'text = """\npreload = ["./x.ts"]\n[test]\n"""\n',
    `${OURS}\ntext = """\npreload = ["./x.ts"]\n[test]\n"""\n${TEST_BLOCK}`,
  ],
];

describe.each(CASES)("%s", (_, before, after) => {
  test("is added to, once, and given back to the byte", () => {
    expect(addPreload(before)).toEqual({ text: after, notes: [] });
    expect(addPreload(after)).toEqual({ text: after, notes: [] });
    expect(removePreload(after)).toEqual({ text: before, notes: [] });
  });
});

test("our package's name, and another path to it, become the path that is wanted", () => {
  const before = 'preload = ["immuconfig/register", "./a.ts"]\n';
  const up = `../../${PRELOAD.slice(2)}`;
  for (const path of [PRELOAD, up]) {
    const { text = "" } = addPreload(before, path);
    expect(Bun.TOML.parse(text)).toEqual({
      preload: [path, "./a.ts"],
      test: { preload: path },
    });
  }
  expect(removePreload(addPreload(undefined, up).text)).toEqual({ text: undefined, notes: [] });
});

test("lists of one are taken out whole, too", () => {
  const list = `preload = ["${PRELOAD}"]\n`;
  expect(removePreload(`${list}\n[test]\n${list}`)).toEqual({ text: undefined, notes: [] });
  expect(removePreload(`${list}smol = true\n[test]\n${list}`).text).toBe("smol = true\n[test]\n");
});

test("what somebody moved or wrote is taken out too", () => {
  for (const [before, after] of [
    [`preload = ["./a.ts", "${PRELOAD}"]\n`, 'preload = ["./a.ts"]\n'],
    [`preload = ["./a.ts", "${PRELOAD}", "./b.ts"]\n`, 'preload = ["./a.ts", "./b.ts"]\n'],
    [`smol = true\npreload = ["${PRELOAD}"] # us\n`, "smol = true\n"],
    [`smol = true\npreload = ["immuconfig/register"]\n`, "smol = true\n"],
  ] as const) {
    expect(removePreload(before).notes).toEqual([]);
    expect(Bun.TOML.parse(removePreload(before).text ?? "")).toEqual(Bun.TOML.parse(after));
  }
});

test("what cannot be edited safely is left alone, with what to add", () => {
  for (const [before, count] of [
    ["= broken", 2],
    [`a = ${"[".repeat(100)}${"]".repeat(100)}\n`, 2],
  ] as const) {
    const { text, notes } = addPreload(before);
    expect([before, notes.length]).toEqual([before, count]);
    expect(notes[0]).toContain(PRELOAD);
    expect(text).toContain(before);
  }
});
