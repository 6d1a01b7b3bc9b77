import { expect, test } from "bun:test";
import { parseToml } from "../../src/base/toml.ts";
import { valuesOfToml } from "../../src/base/toml_values.ts";

/** What it says, as Bun reads it. */
const ALIKE = [
  "",
  'preload = "./a.ts"\n',
  "preload = [\"./a.ts\", './b.ts'] # mine\n[test]\npreload = []\ncoverage = true\n",
  'preload = [\n  # first, "x"\n  "./a.ts",\n  "./b.ts",\n]\n',
  'smol = true\r\n[install]\r\nregistry = "https://registry.example.test"\r\nexact = false\r\n',
  '[install.scopes]\n"@a" = { token = "t", url = "https://a.example.test" }\nb = "https://b.example.test"\n',
  'test.preload = ["./t.ts"]\ntest.coverage = false\n',
  "test = { coverage = true, preload = './t.ts' }\n",
  '[serve.static]\nport = 4000\nplugins = ["immuconfig/serve"]\n',
  'a = "tab\\t, quote \\", line \\n, \\u00e9 and \\\\"\n',
  "a = 'C:\\temp'\n[b.\"c d\".e]\nf = -12\n",
];

test.each(ALIKE)("%j is what Bun reads", (text) => {
  expect(valuesOfToml(text)).toEqual(Bun.TOML.parse(text) as Record<string, unknown>);
});

test.each([
  ["a key twice", 'a = "1"\na = "2"\n'],
  ["a table where a text is", 'a = "1"\n[a]\nb = "2"\n'],
  ["a prototype", '[__proto__]\na = "1"\n'],
  ["a prototype as a key", '__proto__ = "1"\n'],
  ["no TOML", "a = \n"],
  ["an escape that is none", 'a = "\\q"\n'],
])("%s is not understood", (_, text) => {
  expect(valuesOfToml(text)).toBeUndefined();
});

test("what has no path, or an unusual form, is kept as it is written", () => {
  const text =
    'long = """\na"""\nwhen = 2030-01-31\nlist = [1, 2]\n[[many]]\na = 1\n[[many]]\na = 2\n';
  expect(valuesOfToml(text)).toEqual({
    long: '"""\na"""',
    when: "2030-01-31",
    list: "[1, 2]",
    "[]": [
      [["many", "[]", "a"], "1"],
      [["many", "[]", "a"], "2"],
    ],
  });
});

// Bun reads each of these, in a time that grows with the square of their number.
test.each([
  ["tables", (index: number) => `[t${index}]\n`],
  ["keys", (index: number) => `k${index}=1\n`],
  ["keys of one line", (index: number) => `${index === 0 ? "t={" : ","}k${index}=1`],
])("more %s than anybody writes are refused before they are read", (_, part) => {
  const parts = (count: number): string =>
    Array.from({ length: count }, (_part, index) => part(index)).join("");
  const end = part(0).startsWith("t=") ? "}" : "";
  expect(() => parseToml(parts(20_000) + end)).toThrow("more than 8192 keys, tables and lists");
  expect(parseToml(parts(1000) + end)).not.toEqual({});
});

test("a key of many parts is not understood, however often it counts", () => {
  const deep = `a${".a".repeat(100)}`;
  expect(valuesOfToml(`[${deep}]\nb = 1\n`)).toBeUndefined();
  expect(valuesOfToml(`${deep} = 1\n`)).toBeUndefined();
});
