import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TraceMap, originalPositionFor } from "@jridgewell/trace-mapping";
import { flagsOf } from "./support.ts";
import { SourceError } from "../../src/bundle/source/diagnostic.ts";
import { fitInPlace, linesOf, positionsOf } from "../../src/bundle/source/position.ts";
import { transformSource } from "../../src/bundle/source/transform.ts";

const record = flagsOf(
  { ON: { enabled: true }, OFF: { expires: "2026-01-01" } },
  { "terminal.rows": 24 },
);
const transform = (code: string, file = "src/a.ts") =>
  transformSource(code, file, record, "2026-06-15");
const IMPORT = 'import { feature } from "bun:bundle";';

/** Everything but line ends, blanked out. */
const layout = (text: string) => text.replace(/[^\r\n\u2028\u2029]/g, " ");

describe("transformSource", () => {
  test("leaves a file without a mark alone, and one that has nothing to replace", () => {
    expect(transform("not (( parsed")).toBeUndefined();
    expect(transform('console.log("bun:bundle");')).toBeUndefined();
  });

  test("moves nothing, whatever stands around the calls", () => {
    const piece = fc.constantFrom(
      'if (feature("ON")) f(1);',
      "if (feature(\n  'OFF'\r\n)) f(2);",
      'x = feature("ON") ? "é" : `😀`;',
      "/* 名 */ y();",
      "z(Bun.config.terminal.rows, Bun.config.features.OFF)",
    );
    const gap = fc.constantFrom("\n", "\r\n", ";\u2028", "\n\n");
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, gap), { minLength: 1 }), (parts) => {
        const code = `${IMPORT}\n${parts.flat().join("")}`;
        const done = transform(code);
        expect(layout(done?.code ?? "")).toBe(layout(code));
        expect(done?.code).not.toContain("feature(");
      }),
    );
  });

  test("makes a map that leads every word to itself, with the source as it was", () => {
    const code = `${IMPORT}\nif (feature(\n  "ON"\n)) {\n  throw new Error("live");\n}\n`;
    const done = transform(code);
    const map = done?.map();
    expect(map?.sourcesContent).toEqual([code]);
    expect(map?.sources).toEqual(["src/a.ts"]);
    const trace = new TraceMap(String(map));
    for (const word of ["throw", "Error", "live"]) {
      const { line, column } = positionsOf(done?.code ?? "")((done?.code ?? "").indexOf(word));
      const found = originalPositionFor(trace, { line, column: column - 1 });
      expect(found).toMatchObject({ line, column: column - 1 });
    }
  });

  test("warns about an expired flag", () => {
    const warnings = transform(`${IMPORT}\nif (feature("OFF")) f();`)?.warnings;
    expect(warnings).toMatchObject([{ rule: "expired-flag", line: 2, column: 13 }]);
  });

  test("throws one error with every fault", () => {
    const code = `${IMPORT}\nf(feature);\nf(feature("ON"));\n`;
    expect(() => transform(code)).toThrow(SourceError);
    expect(() => transform(code)).toThrow(/src\/a\.ts:2:3: .*\n.*\nsrc\/a\.ts:3:3: /);
  });

  test.each([
    "ROWS = 1;",
    "ROWS += 1;",
    "ROWS++;",
    "--ROWS;",
    "[ROWS] = [2];",
    "[ROWS = 3] = [2];",
    "[...ROWS] = [2];",
    "for (ROWS in x);",
    "for (ROWS of x);",
    "delete ROWS;",
    "Bun?.config.terminal.rows;",
    "Bun.config.terminal.other;",
  ])("does not touch %s", (code) => {
    expect(transform(code.replace("ROWS", "Bun.config.terminal.rows"), "a.js")).toBeUndefined();
  });

  test.each(["typeof ROWS;", "x = ROWS;", "for (x of ROWS);", "-ROWS;", "[x = ROWS] = y;"])(
    "touches %s",
    (code) => {
      const done = transform(code.replace("ROWS", 'Bun.config["terminal"].rows'), "a.js");
      expect(done?.code.replace(/24 +/, "24")).toBe(code.replace("ROWS", "24"));
    },
  );
});

describe("positions", () => {
  test.each([
    ["a\nbc", 3, 2, 2],
    ["a\r\nbc", 3, 2, 1],
    ["a\rb\u2028c", 4, 3, 1],
    ["\ufeffab", 2, 1, 2],
    ["😀x", 2, 1, 3],
    ["ab", 2, 1, 3],
  ])("%j at %i", (text, offset, line, column) => {
    expect(positionsOf(text)(offset)).toEqual({ line, column });
  });

  test("lines come without their ends", () => {
    expect(linesOf("\ufeffa\r\nb\nc")).toEqual(["a", "b", "c"]);
  });

  test("a replacement keeps the lines of the original", () => {
    expect(fitInPlace('f("A")', "true")).toBe("true  ");
    expect(fitInPlace('f(\r\n"A"\n)', "false")).toBe("false\r\n   \n ");
  });
});
