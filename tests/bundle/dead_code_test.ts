import { describe, expect, test } from "bun:test";
import { deadImports, deadSpans } from "../../src/bundle/source/dead_code.ts";
import { scrubMap, type UnusedSources } from "../../src/bundle/source/scrub_map.ts";
import { flagsOf } from "./support.ts";
import { parseFlagSource } from "../../src/bundle/source/flag_source.ts";

const IMPORT = 'import { feature } from "bun:bundle";\n';

const NONE_UNUSED: UnusedSources = { isUnused: () => false, partsOf: () => [] };

/** The texts that are dead with ON on and OFF off. */
function dead(body: string): string[] {
  const code = IMPORT + body.replace(/(?<!\.)\b(ON|OFF|OTHER)\b/g, 'feature("$1")');
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

function count(text: string, word: string): number {
  return text.split(`"${word}"`).length - 1;
}

describe("what follows a decided way out of a list", () => {
  /** Each text that says so is dead, and none that is live. */
  test.each([
    'function t(k) { if (!ON) return 0; if (!OFF) return "live"; switch (k) { case 2: return "dead"; } const t = "dead"; return t; }',
    'for (const a of b) { if (!OFF) continue; f("dead"); }\nf("live");',
    'function f() { try { if (!OFF) return 1; g("dead"); } catch { g("live"); } g("live"); }',
    'function f() { try { if (!OFF) return 1; } finally { g("live"); } g("dead"); }',
    'function f() { while (true) { if (!OFF) break; g("dead"); } g("live"); }',
    'function f() { while (x) { if (!OFF) return; g("dead"); } g("live"); }',
    'function f() { while (true) { if (OFF) break; g("live"); } g("dead"); }',
    'function f() { for (;;) { if (ON) return; g("dead"); } g("dead"); }',
    'const on = OFF ? true : false;\nfunction f() { if (on) return "dead"; return "live"; }',
    'function f() { const a = !(ON ? true : false), b = a || x; if (a) g("dead"); if (b) g("live"); }\nif (a) g("live");',
    'const a = OFF ? 1 : 0, b = false, c = OTHER ? true : false; if (a) g("live"); if (b) g("live"); if (c) g("live");',
    'const on = OFF ? true : false; function f(on) { if (on) g("live"); }',
    'let on = OFF ? true : false; if (on) g("live");',
    'export const on = (OFF ? true : false) as boolean; export const t = { on: x.on, s: on ? "dead" : "live" };',
    'switch (true) { case OFF ? true : false: g("dead"); break; case x: g("live"); default: g("live"); }',
    'switch (ON ? "a" : "b") { case x: g("live"); case "a": g("live"); break; case "b": g("dead"); default: g("dead"); }',
    'switch (ON ? 1 : 2) { default: g("dead"); break; case 1: g("live"); case 2: g("live"); }',
    'switch (ON ? null : 2) { case 2: g("dead"); function h() {} default: g("live"); }',
    'switch (x) { case OFF ? 1 : 2: g("live"); }',
    'a: { if (!OFF) break a; g("dead"); } g("live");',
    'o: for (;;) { for (;;) { if (!OFF) break o; g("dead"); } g("dead"); } g("live");',
    'switch (k) { case 1: if (!OFF) break; g("dead"); case 2: g("live"); } g("live");',
    'function f(k) { switch (k) { case 1: if (!OFF) return 0; g("dead"); default: return 1; } g("dead"); }',
    'function f(k) { switch (k) { case 1: if (!OFF) return 0; } g("live"); }',
    'if (!OFF) throw new Error("live");\nexport const a = "dead";\nexport function q() { return "live"; }',
    'const f = () => { if (OFF ? false : true) return; g("dead"); };',
    'function f() { if (!OFF) return h(); g("dead"); function h() { return "live"; } }',
    'function f() { if (!OFF) return 1; return h(); function h() { return i("dead"); } function i() { return "dead"; } }',
    'function f() { if (!OFF) { return 1; } else { g("dead"); } g("dead"); }',
    'function f() { do { if (!OFF) continue; g("dead"); } while (x); g("live"); }',
    'class A { static { if (!OFF) { x = "live"; } else { x = "dead"; } } }',
    'function f() { if (OTHER) return 1; g("live"); }',
    'function f() { if (x) return 1; else if (!OFF) return 2; g("dead"); }',
    'while (Bun.config.features.OFF) g("dead");\ng("live");',
  ])("%s", (body) => {
    const found = dead(body).join("\n");
    expect(count(found, "dead")).toBe(count(body, "dead"));
    expect(count(found, "live")).toBe(0);
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
    expect(JSON.parse(scrubMap(text, record, NONE_UNUSED))).toEqual({
      ...map,
      sourcesContent: [code.replace('"dead"', "      "), code, null],
    });
    expect(JSON.parse(scrubMap(JSON.stringify(map), record, NONE_UNUSED))).toEqual(map);
    const blank = code.replace(/[^\n]/g, " ");
    expect(
      JSON.parse(
        scrubMap(text, record, { ...NONE_UNUSED, isUnused: (source) => source === "a.ts" }),
      ),
    ).toEqual({
      ...map,
      sourcesContent: [blank, code, null],
    });
  });

  test.each([
    "no JSON",
    "null",
    "1",
    "{}",
    '{"sources": {}}',
    '{"sources": [], "sourcesContent": 1}',
  ])("refuses %s", (text) => {
    expect(() => scrubMap(text, record, NONE_UNUSED)).toThrow("a source map that is none");
  });
});
