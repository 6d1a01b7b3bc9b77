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

test("runs before the project's own postinstall, whose text stays to the byte", () => {
  for (const own of ["echo \\u0041 && x", "echo hi # all of it", "server &", "a ; b;"]) {
    const before = `{ "scripts": { "postinstall": "${own}", "z": "1" } }\n`;
    const { text = "" } = addScripts(before);
    expect(JSON.parse(text).scripts.postinstall).toStartWith(`${POSTINSTALL_SCRIPT} && `);
    expect(text).toContain(` && ${own}"`);
    expect(removeScripts(text).text).toBe(before);
  }
});

test("scripts that were empty, blank or not there are told apart", () => {
  for (const before of [
    '{"name":"a"}',
    '{"name":"a","scripts":{}}',
    '{\n  "name": "a",\n  "scripts": {}\n}\n',
    '{"scripts":{"postinstall":""}}',
    '{"scripts":{"postinstall":"  "}}',
    '{"scripts":{"postinstall":"x","config":"bun-config-2"}}',
  ]) {
    const { text = "" } = addScripts(before);
    expect(text).not.toBe(before);
    expect(removeScripts(text).text).toBe(before);
  }
});

test("comments and trailing commas stay", () => {
  const before = `{
  // the name
  "name": "a", /* here "scripts": {} */
  "scripts": {
    "build": "x", // builds
  },
}
`;
  const { text = "", notes } = addScripts(before);
  expect(notes).toEqual([]);
  expect(Bun.JSONC.parse(text)).toEqual({ name: "a", scripts: { build: "x", ...SCRIPTS } });
  expect(text).toContain("// builds");
  expect(removeScripts(text).text).toBe(before);
});

test("a package that others install gets no install script, unless it is asked for", () => {
  const published = '{"name":"lib","version":"1.0.0"}';
  const { text = "", notes } = addScripts(published);
  expect(JSON.parse(text).scripts).toEqual({ config: "bun-config" });
  expect(notes.join()).toContain("init --postinstall");
  expect(removeScripts(text).text).toBe(published);
  expect(JSON.parse(addScripts(published, true).text ?? "").scripts).toEqual(SCRIPTS);
  const own = '{"name":"app","version":"1.0.0","private":true}';
  expect(JSON.parse(addScripts(own).text ?? "").scripts).toEqual(SCRIPTS);
});

test("a million blanks, in a string and between members, are read once", () => {
  const blanks = " ".repeat(1_000_000);
  const before = `{"name":"${blanks}",${blanks}"a":1}`;
  const { text = "" } = addScripts(before);
  expect(JSON.parse(text).scripts).toEqual(SCRIPTS);
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
    '{ /* not closed "name": "a" }',
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
