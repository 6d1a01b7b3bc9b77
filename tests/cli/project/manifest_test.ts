import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  addScripts,
  POSTINSTALL_SCRIPT,
  removeScripts,
} from "../../../src/cli/commands/setup/project/manifest.ts";

const SCRIPTS = { config: "bun-config", postinstall: POSTINSTALL_SCRIPT };

test("adds the scripts in the layout of the file", () => {
  const { text, notes } = addScripts('{\r\n\t"name" : "a",\r\n\t"files": ["x", "y"]\r\n}');
  expect(notes).toEqual([]);
  expect(text).toBe(
    '{\r\n\t"name" : "a",\r\n\t"files": ["x", "y"],\r\n\t"scripts" : {\r\n' +
      `\t\t"config" : "bun-config",\r\n\t\t"postinstall" : ${JSON.stringify(POSTINSTALL_SCRIPT)}\r\n\t}\r\n}`,
  );
});

test("runs after the project's own postinstall, whose text stays to the byte", () => {
  const before = '{ "scripts": { "postinstall": "echo \\u0041 && x", "z": "1" } }\n';
  const { text = "" } = addScripts(before);
  expect(JSON.parse(text).scripts.postinstall).toBe(`echo A && x && ${POSTINSTALL_SCRIPT}`);
  expect(text).toContain("echo \\u0041 && x && ");
  expect(removeScripts(text).text).toBe(before);
});

test("adding twice adds once", () => {
  const { text = "" } = addScripts("{}\n");
  expect(JSON.parse(text)).toEqual({ scripts: SCRIPTS });
  expect(addScripts(text)).toEqual({ text, notes: [] });
  expect(removeScripts(text).text).toBe("{}\n");
});

test("a script of the same name stays, and is told", () => {
  const before = '{"scripts":{"config":"vite"}}';
  const { text = "", notes } = addScripts(before);
  expect(JSON.parse(text).scripts.config).toBe("vite");
  expect(notes).toHaveLength(1);
  expect(removeScripts(text).text).toBe(before);
});

test("what cannot be edited safely is left alone, with what to add", () => {
  const hostile = [
    "",
    "[]",
    "{",
    '{ // comment\n "name": "a" }',
    '{"scripts": []}',
    '{"scripts": {"postinstall": 1}}',
    '{"scripts": null}',
  ];
  for (const before of hostile) {
    const { text, notes } = addScripts(before);
    expect(text).toBe(before);
    expect(notes.join()).toContain("immuconfig/postinstall");
  }
});

test("of a member given twice the last one counts, as for JSON.parse", () => {
  const before = '{"scripts":{"a":"1"},"scripts":{"b":"2"}}';
  const { text = "" } = addScripts(before);
  expect(JSON.parse(text).scripts).toEqual({ b: "2", ...SCRIPTS });
  expect(removeScripts(text).text).toBe(before);
});

test("removing gives back every manifest to the byte, whatever it holds", () => {
  const scripts = fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), {
    minKeys: 1,
    maxKeys: 4,
  });
  const manifest = fc.record(
    {
      name: fc.string({ maxLength: 8 }),
      'a "b" {[,:]} \\': fc.jsonValue({ maxDepth: 2 }),
      scripts,
      dependencies: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })),
    },
    { requiredKeys: [] },
  );
  const indent = fc.constantFrom(undefined, "\t", 2, 4);
  const end = fc.constantFrom("", "\n", "\n\n");
  fc.assert(
    fc.property(manifest, indent, end, fc.boolean(), (value, space, tail, bom) => {
      const json = JSON.stringify(value, null, space);
      const before = (bom ? "\uFEFF" : "") + json + tail;
      const { text = "", notes } = addScripts(before);
      expect(notes).toEqual([]);
      const parsed = JSON.parse(text.replace("\uFEFF", ""));
      const scriptsBefore = JSON.parse(json).scripts;
      expect(parsed).toEqual({ ...JSON.parse(json), scripts: { ...scriptsBefore, ...SCRIPTS } });
      expect(removeScripts(text).text).toBe(before);
    }),
    { numRuns: 300 },
  );
});
