import { describe, expect, test } from "bun:test";
import { deadImports, deadSpans } from "../../src/bundle/source/dead_code.ts";
import { scrubMap } from "../../src/bundle/source/scrub_map.ts";
import { flagsOf } from "./support.ts";
import { parseFlagSource } from "../../src/bundle/source/flag_source.ts";

const IMPORT = 'import { feature } from "bun:bundle";\n';

/** The texts that are dead with ON on and OFF off. */
function dead(body: string): string[] {
  const code = IMPORT + body.replace(/\b(ON|OFF|OTHER)\b/g, 'feature("$1")');
  const states = new Map([
    ["ON", true],
    ["OFF", false],
  ]);
  const source = parseFlagSource(code, "a.ts");
  return deadSpans(source, (name) => states.get(name))
    .toSorted((a, b) => a.start - b.start)
    .map(({ start, end }) => code.slice(start, end));
}

describe("deadSpans", () => {
  test.each<[string, string[]]>([
    ["if (ON) f(); else g();", ["g();"]],
    ["if (OFF) f();", ["f();"]],
    ["if (ON) f();", []],
    ["if (OTHER) f(); else g();", []],
    ["x = OFF ? f() : g();", ["f()"]],
    ["if (OFF && f()) g();", ["f()", "g();"]],
    ["if (ON && f()) g();", []],
    ["if (ON || f()) g();", ["f()"]],
    ["if (OFF || f()) g();", []],
    ["if (x && OFF && f()) g();", ["f()", "g();"]],
    ["if (OFF ?? f()) g();", ["f()", "g();"]],
    ["if (ON ?? f()) g();", ["f()"]],
    ["if ((x && OFF) ?? f()) g();", []],
    ["if (OFF) { if (ON) f(); else g(); }\nif (OFF) h();", ["{ if (ON) f(); else g(); }", "h();"]],
  ])("%s", (body, spans) => {
    const written = spans.map((text) => text.replace(/\b(ON|OFF)\b/g, 'feature("$1")'));
    expect(dead(body)).toEqual(written);
  });
});

test("an import is dead when all its names stand in dead code, and it has some", () => {
  const code = `${IMPORT}import { a } from "a";
import { b, c } from "b";
import "bare";
import d from "d";
if (feature("OFF")) a(b);
c();
`;
  const source = parseFlagSource(code, "a.ts");
  const spans = deadSpans(source, () => false);
  expect(deadImports(source, spans).map((node) => node.source.value)).toEqual(["a", "d"]);
});

describe("scrubMap", () => {
  const record = flagsOf({ OFF: {} });

  test("keeps what is no source, and every place", () => {
    const code = `${IMPORT}f(feature("OFF") ? "dead" : 1);\n`;
    const map = { version: 3, sources: ["a.ts", "b.css", "c.ts"], mappings: "AAAA" };
    const text = JSON.stringify({ ...map, sourcesContent: [code, code, null] });
    expect(JSON.parse(scrubMap(text, record))).toEqual({
      ...map,
      sourcesContent: [code.replace('"dead"', "      "), code, null],
    });
    expect(JSON.parse(scrubMap(JSON.stringify(map), record))).toEqual(map);
  });

  test.each([
    "no JSON",
    "null",
    "1",
    "{}",
    '{"sources": {}}',
    '{"sources": [], "sourcesContent": 1}',
  ])("refuses %s", (text) => {
    expect(() => scrubMap(text, record)).toThrow("a source map that is none");
  });
});
