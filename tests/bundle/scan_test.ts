import { describe, expect, test } from "bun:test";
import { parseSource } from "../../src/bundle/source/parse.ts";
import { scanTree } from "../../src/bundle/source/scan.ts";
import { MODULES } from "./fixtures/modules.ts";
import { VALID } from "./fixtures/valid.ts";

const scan = (code: string, file: string) => scanTree(parseSource(file, code));

/** An alias of the function in a scope of its own makes the scan analyse all scopes. */
const DOUBT = "\n{ const doubt = (feature, f, Bun) => [feature, f, Bun]; }\n";

const sources = [...VALID, ...MODULES].flatMap(({ name, files }) =>
  Object.entries(files)
    .filter(([path]) => /\.[jt]sx?$/.test(path))
    .map(([path, code]) => [`${name}/${path}`, code] as const),
);

test.each(sources)("the quick walk and the one with scopes see the same in %s", (path, code) => {
  const quick = scan(code, path);
  const scoped = scan(code + DOUBT, path);
  expect(scoped.calls).toEqual(quick.calls);
  expect(scoped.reads).toEqual(quick.reads);
  expect(scoped.problems).toEqual(quick.problems);
});

test("a source that only looks plain is parsed", () => {
  const code = 'import { feature } from "bun:bundle";\nif (feature("A")) f();\nconst x = ;\n';
  expect(scan(code, "a.ts").problems).toMatchObject([{ rule: "syntax" }]);
});

test("a query behind the path hides no language", () => {
  const code = "type T = string;\nf(Bun.config.version as T);\n";
  for (const file of ["a.ts", "a.ts?v=1", "a.mts#x", "a.cts?a.js"]) {
    expect(scan(code, file)).toMatchObject({ problems: [], reads: [{ path: ["version"] }] });
  }
  expect(scan(code, "a.js?b.ts").problems).toMatchObject([{ rule: "syntax" }]);
});

test.each([
  ["a script", "with (x) f(Bun.config.version);"],
  ["a module without imports", "await f(Bun.config.version);"],
])("%s is understood", (_name, code) => {
  expect(scan(code, "a.js")).toMatchObject({ problems: [], reads: [{ path: ["version"] }] });
});

describe("a var in the body does not reach the defaults of the parameters", () => {
  const IMPORT = 'import { feature } from "bun:bundle";\n';
  test.each([
    ['function f(a = feature("A") ? 1 : 2) { var feature = 1; return a; }', 1],
    ['const f = (a = feature("A") ? 1 : 2) => { var feature = 1; return a; };', 1],
    ['class C { m(a = feature("A") ? 1 : 2) { if (a) { var feature = 1; } } }', 1],
    [
      'function f(a = () => (feature("A") ? 1 : 2)) { var feature = 2; g(feature("A") ? 1 : 2); }',
      1,
    ],
    ['function f(a = feature("A") ? 1 : 2, feature = 1) { return a; }', 0],
    ['function g(feature) { function f(a = feature("A") ? 1 : 2) { var feature = 1; } }', 0],
  ])("%s", (body, calls) => {
    const found = scan(IMPORT + body, "a.ts");
    expect(found.calls).toHaveLength(calls);
    expect(found.problems).toEqual([]);
  });
});
