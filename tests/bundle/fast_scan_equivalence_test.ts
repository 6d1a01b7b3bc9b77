/**
 * Whatever the look at a text accepts, the parser finds the same in it, and the library says the
 * same as the WebAssembly module.
 */

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { BuildFlag, BuildFlags } from "../../src/bundle/flags/build_flags.ts";
import { fastScan } from "../../src/bundle/source/fast_scan/fast_scan.ts";
import { languageOf } from "../../src/bundle/source/language.ts";
import { scanTree } from "../../src/bundle/source/scan.ts";
import { parseSource } from "../../src/bundle/source/parse.ts";
import { transformSource } from "../../src/bundle/source/transform.ts";
import {
  openAddonScanner,
  openWasmScanner,
} from "../../src/bundle/source/fast_scan/native_scan.ts";
import { flagsOf } from "./support.ts";
import { hasAllCores } from "../support/native_cores.ts";
import { MODULES } from "./fixtures/modules.ts";
import { REFUSED } from "./fixtures/refused.ts";
import { VALID } from "./fixtures/valid.ts";

/** More of them: `FAST_SCAN_RUNS=100000 bun test tests/bundle/fast_scan_equivalence_test.ts`. */
const RUNS = Number(process.env["FAST_SCAN_RUNS"] ?? 2000);
const IMPORT = 'import { feature } from "bun:bundle";';
const fixtures = [...VALID, ...MODULES, ...REFUSED].flatMap(({ files }) => Object.entries(files));

/** A record that knows every flag. */
class AnyFlag extends Map<string, BuildFlag> {
  override get(name: string): BuildFlag {
    return { name, bit: 0, enabled: name === "A", retired: false };
  }
}
const record: BuildFlags = { ...flagsOf({}), byName: new AnyFlag() };

const addon = openAddonScanner();
const wasm = openWasmScanner();

/** @returns whether the source was accepted */
function compare(code: string, file: string): boolean {
  const plain = fastScan(code, languageOf(file), wasm);
  expect({ code, file, uses: fastScan(code, languageOf(file), addon) }).toEqual({
    code,
    file,
    uses: plain,
  });
  if (plain === undefined) return false;
  const parsed = parseSource(file, code);
  const replaced = transformSource(code, file, record, "2026-01-01")?.code ?? "";
  const stillParses = parseSource(file, replaced).errors.length === 0;
  expect({ code, file, parses: parsed.errors.length === 0 }).toEqual({
    code,
    file,
    parses: stillParses,
  });
  if (!stillParses) return false;
  const { imports, calls, reads, liveReads, problems } = scanTree(parsed);
  const found = { imports: imports.map(({ start, end }) => ({ start, end })), calls };
  const same = { ...plain, reads: [], liveReads: [], problems: [] };
  expect<object>({ code, file, ...found, reads, liveReads, problems }).toEqual({
    code,
    file,
    ...same,
  });
  return true;
}

test.skipIf(!hasAllCores || process.platform === "win32")("both implementations are here", () => {
  expect([addon, wasm]).not.toContain(undefined);
});

test("in every fixture", () => {
  const accepted = fixtures.filter(([file, code]) => compare(code, file));
  expect(accepted.length).toBeGreaterThan(20);
});

/** An expression, statement or text with holes (`%`) for others, and what may stand in them. */
const plainCall = fc.constantFrom('feature("A")', "feature('B')", '!feature("A")', "x", "!x.y");
const oddCall = fc.constantFrom(
  'feature("A") as boolean',
  'feature("A")!',
  '(feature("A"))',
  '<boolean>feature("A")',
  "feature(`A`)",
  'feature ("A")',
  'feature("A", 1)',
  "feature(a)",
  'x.feature("A")',
  'x?.feature("A")',
  'new feature("A")',
  'new /* c */ feature("A")',
  'await feature("A")',
  'typeof feature("A")',
  'x => feature("A")',
  'feature("A").x',
  'feature("A")`t`',
  'feature("\\x41")',
  'feature("A")\n',
  '/* c */ feature("A") // d\n',
  'feature("A") /*\n*/ as boolean',
  "feature",
  "x",
  "x.y",
);
const call = fc.oneof({ weight: 6, arbitrary: plainCall }, { weight: 1, arbitrary: oddCall });
const oddOperator = fc.constantFrom(
  "&&",
  "||",
  "??",
  "===",
  "!==",
  "==",
  "&",
  "|",
  "+",
  ",",
  "=",
  "?.",
  "?",
  ":",
  "<",
  ">",
  "/",
  "=>",
  "as",
  "in",
  "\n",
);
const operator = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("&&", "||") },
  { weight: 1, arbitrary: oddOperator },
);
const condition = fc
  .array(fc.tuple(call, operator), { maxLength: 2 })
  .chain((parts) => call.map((last) => `${parts.map(([a, b]) => `${a} ${b} `).join("")}${last}`));
const plainHolder = fc.constantFrom(
  "if (%) f();",
  "if (%) f(); else if (%) g();",
  "if (%) f(% ? 1 : 2);",
  "const x = % ? 1 : 2;",
  "export const g = () => % ? 1 : 2;",
  "function h() { return % ? a : b; }",
  "f(a / b, /[/'\"]/, `a ${x}`, 'it\\'s'); // it's",
);
const oddHolder = fc.constantFrom(
  "if (%) f();",
  "if (%) f(); else g();",
  "if(%){}",
  "else if (%) f();",
  "if (a) f(); else if (%) g();",
  "if (a && %) f();",
  "if (f(%)) f();",
  "if (a === 1 && %) f();",
  "if ((%) && b) f();",
  "if (((%)) as boolean) f();",
  "if (a) { %; }",
  "if (a, %) f();",
  "if (a = %) f();",
  "if (() => %) f();",
  "if (() => { return % ; }) f();",
  "if (a ? % : b) f();",
  "if (a) % ? b() : c();",
  "while (%) f();",
  "for (; %;) f();",
  "switch (%) { case %: f(); }",
  "x = % ? 1 : 2;",
  "const x = % ? 1 : 2;",
  "const x = (%) ? 1 : 2;",
  "const x = (% && y) as boolean ? 1 : 2;",
  "const x = a ? % : 2;",
  "const x = a ? % ? 1 : 2 : 3;",
  "const x = %;",
  "f(%);",
  "f(% ? 1 : 2);",
  "function g(a = % ? 1 : 2) { return % ? a : 0; }",
  "const g = () => % ? 1 : 2;",
  "const g = async () => await (% ? a : b);",
  "const o = { a: % ? 1 : 2, if(a = %) { return a; } };",
  "class C { a = % ? 1 : 2; if(b) { return b; } }",
  "class C { if(a = %) {} m() { if (%) f(); } }",
  "class C { static { if (%) f(); } }",
  "x.if(%);",
  "x. /* c */ if (%);",
  "x.\n if (%);",
  "class P { #if() {} m() { this.#if(%); } }",
  "function* y() { yield % ? 1 : 2; }",
  "return % ? 1 : 2;",
  "export default % ? 1 : 2;",
  "export const e = % ? 1 : 2;",
  "label: if (%) f();",
  "do f(); while (%)",
  "@d(% ? 1 : 2) class D {}",
  "namespace N { if (%) f(); }",
  "enum E { a = % ? 1 : 2 }",
  "type T = A extends B ? C : D;",
  "type T = %;",
  "type T = % ? C : D;",
  "type T = [% ?];",
  "type T = [a: %, % ?, b];",
  "type T = [...% ?];",
  "type T = () => % ?\n(x);",
  "type T = { a: % ? };",
  "type T = { % ?: b };",
  "type T<X = % ? 1 : 2> = X;",
  "interface I { % ?: b; }",
  "interface I { a, % ?(b): c }",
  "interface I { a; % ?<T>(b): c }",
  "interface I { a: 1; % ?\n b: 2 }",
  "interface I { if(a: %): void; if(b?: %): void; if(a ? b : %) }",
  "class C { % ?: b; }",
  "class C { a = 1; % ? (b) : c; }",
  "class C { % ?\n a; }",
  "class C { % && a; }",
  "class C { m() {} % ? a : b }",
  "abstract class C { abstract % ?: b; if(a: %); }",
  "let x: %;",
  "let x: % ? a : b;",
  "let x: % ?\na : b;",
  "let x: a | % ? 1 : 2;",
  "let x = y as % ? 1 : 2;",
  "if (a as b | %) f();",
  "if (a as b && %) f();",
  "if (a satisfies b & %) f();",
  "if (<a>% && %) f();",
  "if (a < b && % && c > (d)) f();",
  "function f(a: %) {}",
  "function f(a?: % ? b : c) {}",
  "function f(this: %): a is % {}",
  "function f(%?) {}",
  "const { a = % ? 1 : 2, % ?: b } = c;",
  "enum E { % ? a : b }",
  "declare const x: % ? 1 : 2;",
  "f<% ? a : b>(c);",
  "new X<%>(% ? a : b);",
  "x = y!\n% ? a : b;",
  "for (const a of % ? b : c) f();",
  "f(...% ? a : b);",
  "x = [% ? a : b, ...%];",
  "x = a ?? % ? b : c;",
  "x = a ? b : % ? c : d;",
  "x = `a ${% ? `b ${% ? 1 : 2}` : 3} c`;",
  "x = (a) / 2 + /[/]/.test(b) ? % ? 1 : 2 : 3;",
  "if (a) /x/.test(b) ? % ? 1 : 2 : 3;",
  "x = { % ? a : b };",
  "x = { a: % ? b : c, [% ? 'a' : 'b']: 1, get if() { return 1; } };",
  "case % ? a : b:",
  "switch (a) { case % ? 1 : 2: default: % ? b() : c(); }",
  "type F = { (a: %): void; new (b: % ? c : d): e };",
  "export type { A } from 'x'; % ? a : b;",
  "async () => { await % ? a : b; for await (const x of y) if (%) f(); };",
  "interface I { if(a: string): void; b?: string }",
  "let t: Array<string> = [];",
  "let v: typeof feature;",
  'const re = /["\'`/]if (feature("A"))/g;',
  "const re = /%/.test(x);",
  "const d = a / b / c;",
  "const d = (a) / b;",
  "const d = a++ / b; // /",
  "if (a) /%/.test(b);",
  'return /"/.test(x);',
  "const e = x[0] / 2; const f2 = '/';",
  "// if (%)",
  "/* if (%) f(); */",
  "/*\n% ? 1 : 2 */",
  "'if (%) f();';",
  '"it\'s"; if (%) f("it\'s");',
  "`if (%) f();`;",
  "`a ${% ? 1 : 2} b`;",
  "`a ${x} b`; if (%) f(`c ${y.z}`);",
  "`a ${`b ${x}`} c`;",
  "'a \\' b'; if (%) f('\\n');",
  "'a \\\n b';",
  '"b\\un:bundle";',
  'require("bun\\:bundle");',
  "require(x);",
  "const { feature: z } = x;",
  "function feature() {}",
  "((feature) => { if (%) f(); })(x);",
  "{ let feature = 1; }",
  "export { feature };",
  'import * as b from "bun:bundle";',
  'import { feature as q } from "bun:bundle";',
  'export * from "bun:bundle";',
  'import { live } from "immuconfig/live"; live.features.A;',
  "f(Bun.config.version);",
  "Bun /* c */ .config.features.A;",
  "const c = Bun; if (%) f();",
  "Bun.serve(x); if (%) f();",
  "globalThis.Bun.config.version;",
  "const a1 = <T,>(x: T) => x;",
  "const a2 = <div>if (%) it's</div>;",
  "const a3 = <div a='%'>{% ? 1 : 2}</div>;",
  "const a4 = <b/>;",
  "const a5 = < b / >;",
  "for (let i = 0; i < n; i++) if (%) f();",
  "declare module 'm' { % }",
  "\u{1f600}",
  "const é = '\u{1f600}'; if (%) f();",
  'if (éfeature("A")) f();',
  "éif (%) f();",
  "x<!--%\n",
  "'use strict';",
  "(0, feature)('A') ? 1 : 2;",
  "}",
  "{",
  ")",
  "`",
  "'",
);
const holder = fc.oneof({ weight: 3, arbitrary: plainHolder }, { weight: 2, arbitrary: oddHolder });
const statement = fc
  .tuple(holder, fc.array(condition, { minLength: 2, maxLength: 2 }))
  .map(([text, parts]) => {
    let next = 0;
    return text.replace(/%/g, () => parts[next++ % 2] ?? "x");
  });
const importLine = fc.oneof(
  { weight: 9, arbitrary: fc.constant(IMPORT) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "declare import { feature } from 'bun:bundle';",
      "export import { feature } from 'bun:bundle';",
      "x\nimport { feature } from 'bun:bundle';",
      "f()\nimport { feature } from 'bun:bundle'\n(x);",
      "x = [a]\nimport { feature } from 'bun:bundle'\n/a/.test(b);",
      "import { feature } from 'bun:bundle'\n`t`;",
      "import { feature } from 'bun:bundle' f();",
      "import { feature } from 'bun:bundle'",
      'import {feature} from "bun:bundle"',
      'import { feature } from "bun:bundle"\nwith { type: "x" };',
      'import { feature } from "bun:bundle" /* c */',
      'import { feature } from "bun:bundle"\n/* c */',
      'import { feature } from "bun:bundle"\n;',
      'import type { feature } from "bun:bundle";',
      'import { feature, } from "bun:bundle";',
      'import { type feature } from "bun:bundle";',
      'import { feature as f } from "bun:bundle";',
      '/*\nimport { feature } from "bun:bundle";\n*/',
      '`\nimport { feature } from "bun:bundle";\n`;',
      'declare module "x" {\nimport { feature } from "bun:bundle";\n}',
      '// c\nimport { feature } from "bun:bundle"; // d',
      'import x from "x"\nimport { feature } from "bun:bundle"',
      'import { feature } from "bun:bundle"; import y from "y";',
      '@dec import { feature } from "bun:bundle";',
      'label:\nimport { feature } from "bun:bundle";',
      'if (x) import { feature } from "bun:bundle";',
      'if (x) {} else import { feature } from "bun:bundle";',
    ),
  },
);
const gap = fc.constantFrom(
  "\n",
  "\n",
  "\n",
  "\r\n",
  " ",
  ";\n",
  "\u2028",
  "// c\n",
  "/* c */",
  "/*\n*/",
);
const source = fc
  .tuple(
    fc.constantFrom(
      "",
      "",
      "",
      "\ufeff",
      "#!/usr/bin/env node\n",
      "/** A doc. */\n",
      "'use strict';\n",
      "x\n",
    ),
    fc.array(fc.tuple(statement, gap), { maxLength: 1 }),
    importLine,
    gap,
    fc.array(fc.tuple(statement, gap), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([start, before, line, lineGap, after, hasBefore]) =>
    [start, hasBefore ? before.flat().join("") : "", line, lineGap, after.flat().join("")].join(""),
  );
const file = fc.constantFrom(
  "a.ts",
  "a.ts",
  "a.mts",
  "a.tsx",
  "a.js",
  "a.jsx",
  "a.cjs",
  "a.vue?lang.ts",
);

const fragment = fc.constantFrom(
  ..."'\"`/\\(){}[]<>;,.:?!&|=$#@*\n".split(""),
  "//",
  "/*",
  "*/",
  "${",
  "if (",
  " as boolean",
  'feature("A")',
  "return ",
);
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  fragment,
  cut: fc.nat(2),
});

/** A source with a few places written over. */
const edited = fc
  .tuple(source, fc.array(edit, { minLength: 1, maxLength: 3 }))
  .map(([text, edits]) =>
    edits.reduce((code, { at, fragment: put, cut }) => {
      const place = Math.floor(at * code.length);
      return code.slice(0, place) + put + code.slice(place + cut);
    }, text),
  );

test.each([
  ["generated sources", source, 20],
  ["sources with noise in them", edited, 2000],
] as const)(
  "in %s",
  (_name, sources, share) => {
    let accepted = 0;
    fc.assert(
      fc.property(sources, file, (code, path) => {
        if (compare(code, path)) accepted++;
      }),
      { numRuns: RUNS },
    );
    expect(accepted).toBeGreaterThan(RUNS / share);
  },
  600_000,
);
