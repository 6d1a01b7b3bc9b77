/**
 * A long run of one thing in what a stranger wrote: what takes its square, or more, does not end within the
 * processor's time that `tests/trust/long_runs_test.ts` gives all of it.
 */

import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../../src/base/errors.ts";
import { matchesGlob } from "../../../src/base/glob.ts";
import { decideLoopBodies } from "../../../src/bundle/adapters/rollup_bodies.ts";
import { asksForCore } from "../../../src/bundle/flags/record_module.ts";
import { retireInSource } from "../../../src/bundle/retire/retire.ts";
import { retireInComponent } from "../../../src/bundle/retire/retire_component.ts";
import { openComponent, scanComponent } from "../../../src/bundle/source/component/component.ts";
import { isVueCode } from "../../../src/bundle/source/component/markup_expressions.ts";
import { mayHaveTypes } from "../../../src/bundle/source/import_types.ts";
import { isReadByTypeScript } from "../../../src/cli/files/tsconfig.ts";
import { unwrapScripts, wrapScripts } from "../../../src/cli/commands/setup/project/bun_scripts.ts";
import { nxTargets } from "../../../src/cli/commands/setup/project/task_caches.ts";
import { workspaceFolders } from "../../../src/cli/commands/setup/project/workspaces.ts";
import { canonicalRegistryUrl } from "../../../src/format/registry_url.ts";
import { parseDotenv } from "../../../src/registry/dotenv.ts";
import { whyCreatesNone } from "../../../src/store/install_context.ts";
import { readProjectLock } from "../../../src/trust/gate/project_lock.ts";
import { useTemporaryFolders } from "../../support/temp.ts";
import { PARSERS } from "../hostile_inputs.ts";

// Nobody is interrupted within a search: the time is the process's.
setDefaultTimeout(600_000);
const temporaryFolder = useTemporaryFolders();
const LONG = 500_000;

function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test("a long input is refused without a long search", () => {
  for (const piece of [" ", "/**/", '"a\\"', "//\n", "[", "${", "registry=\n", "=", "A='\n"]) {
    const text = piece.repeat(1_000_000 / piece.length);
    for (const { parse } of Object.values(PARSERS)) {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ImmuconfigError);
      }
    }
  }
});

test("blanks in a value of .env", () => {
  const name = "BUN_CONFIG_REGISTRY";
  const text = `${name}=a${" ".repeat(LONG)}b # c`;
  expect(parseDotenv(text, [name], ".env").get(name)).toHaveLength(LONG + 2);
});

test("empty lines of bunfig.toml, blanks in .npmrc and in pnpm-workspace.yaml", () => {
  const folder = project({
    "package.json": '{"name":"a","private":true}',
    "bun.lock": '{"lockfileVersion":1,"workspaces":{"":{"name":"a"}},"packages":{}}',
    "bunfig.toml": "\n".repeat(LONG),
    ".npmrc": `${" ".repeat(LONG)}a=b`,
    "pnpm-workspace.yaml": `packages:\n  -${" ".repeat(LONG)}"\n  - 'b' # c\n  - c # d\n`,
  });
  for (const name of ["b", "c"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "package.json"), "{}");
  }
  expect(whyCreatesNone(folder, {}, [])).toBeUndefined();
  expect(readProjectLock(folder).text).toContain("lockfileVersion");
  expect(workspaceFolders(folder)).toEqual([join(folder, "b"), join(folder, "c")]);
});

test("slashes of a registry", () => {
  const url = `https://registry.example.test${"/".repeat(LONG)}a`;
  expect(() => canonicalRegistryUrl(url)).toThrow("the registry URL is too long");
  expect(canonicalRegistryUrl("https://registry.example.test/a//")).toBe(
    "https://registry.example.test/a",
  );
});

test("wildcards of workspaces, in folders that lie deep", () => {
  expect(matchesGlob("*a".repeat(100), `${"a".repeat(255)}b`)).toBe(false);
  expect(matchesGlob(`${"**/".repeat(50)}b`, "a/".repeat(500))).toBe(false);
  expect(matchesGlob(`${"**/".repeat(50)}b`, `${"a/".repeat(500)}b`)).toBe(true);
  expect(matchesGlob(`{${",".repeat(LONG)}}${"a".repeat(LONG)}`, "b")).toBe(false);
  expect(matchesGlob("[z-a]", "b")).toBe(false);
  const folder = project({ "package.json": `{"workspaces":["${"**/".repeat(12)}*"]}` });
  mkdirSync(join(folder, "a/".repeat(60)), { recursive: true });
  writeFileSync(join(folder, "a", "a", "package.json"), "{}");
  expect(workspaceFolders(folder)).toEqual([join(folder, "a", "a")]);
});

function deep(count: number, path: string): string {
  return `${"**/".repeat(count)}${path}`;
}

test("workspaces of many wildcards, in many folders", () => {
  const patterns = [
    deep(LONG / 3, "a"),
    ...Array.from({ length: 5000 }, (_, at) => deep(9, `*${at}*`)),
  ];
  const folder = project({ "package.json": JSON.stringify({ workspaces: ["a", ...patterns] }) });
  for (const name of ["a", ...Array.from({ length: 100 }, (_, at) => `b/${at}/c/d`)]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, "a", "package.json"), "{}");
  expect(workspaceFolders(folder)).toEqual([join(folder, "a")]);
});

test("what a tsconfig.json has TypeScript read, in many words", () => {
  const braces = "{a,b}".repeat(7);
  const patterns = Array.from({ length: LONG / 5 }, (_, at) => `src/**/*${at}/${braces}/*`);
  const folder = project({
    "tsconfig.json": JSON.stringify({ include: patterns }),
    "one.json": JSON.stringify({ include: [`src/${"*a".repeat(LONG)}`] }),
    "some.json": JSON.stringify({ include: patterns.slice(0, 1000) }),
  });
  const isRead = (name: string) => isReadByTypeScript(join(folder, name), join(folder, "src/a.ts"));
  expect(["tsconfig.json", "one.json", "some.json"].map(isRead)).toEqual([
    undefined,
    undefined,
    false,
  ]);
});

test("inputs of Nx that each name all others, and a long way of them", () => {
  const names = Array.from({ length: 300 }, (_, index) => `i${index}`);
  const targetDefaults = { build: { cache: true, inputs: ["i0"] } };
  const all = Object.fromEntries(names.map((name) => [name, names]));
  const way = Object.fromEntries(
    Array.from({ length: LONG / 5 }, (_, at) => [`i${at}`, [`i${at + 1}`]]),
  );
  for (const namedInputs of [all, way]) {
    const left = nxTargets(JSON.stringify({ namedInputs, targetDefaults }), "bunfig.lockb");
    expect(left).toEqual({ followed: [], kept: ["build"] });
    const [last = ""] = Object.keys(namedInputs).slice(-1);
    const ended = { ...namedInputs, [last]: ["{workspaceRoot}/bunfig.lockb"] };
    const followed = nxTargets(
      JSON.stringify({ namedInputs: ended, targetDefaults }),
      "bunfig.lockb",
    );
    expect(followed).toEqual({ followed: ["build"], kept: [] });
  }
});

test("scripts that run Bun, each of them to be wrapped, and back", () => {
  const scripts = Object.fromEntries(
    Array.from({ length: LONG / 20 }, (_, at) => [`s${at}`, `bun a.ts ${at}`]),
  );
  const text = JSON.stringify({ name: "a", scripts });
  const wrapped = wrapScripts(text).text ?? "";
  expect(wrapped.match(/bun-config exec/g)).toHaveLength(LONG / 20);
  expect(unwrapScripts(wrapped).text).toBe(text);
});

test("faults of a source, as many as there is room for", () => {
  const names = Array.from({ length: LONG / 25 }, (_, at) => `feature as f${at}`);
  const source = `import { ${names.join()} } from "bun:bundle";\nf0("A");`;
  expect(() => retireInSource(source, "a.ts", "A", false)).toThrow("[duplicate-import]");
});

test("scripts of a component, more than a compiler takes", () => {
  const script = "<script>import { feature } from 'bun:bundle'; if (feature('A')) f();</script>\n";
  const code = script.repeat(LONG / 50);
  for (const kind of ["vue", "svelte", "astro"] as const) {
    const refused = `a.${kind}:65:9: the source does not parse: a component has at most 64 scripts`;
    const problems = scanComponent(openComponent(code, kind), `a.${kind}`, () => true);
    expect(problems.flatMap(({ scan }) => scan.problems)).toHaveLength(1);
    const change = { name: "A", keep: true };
    expect(() => retireInComponent(code, `a.${kind}`, kind, change)).toThrow(refused);
  }
  const some = script.repeat(3);
  const kept = retireInComponent(some, "a.astro", "astro", { name: "A", keep: true });
  expect(kept).not.toContain("feature");
});

test("workspaces lead nowhere out of the project", () => {
  const outer = temporaryFolder();
  for (const name of ["other", "clone", "clone/a"]) {
    mkdirSync(join(outer, name));
    writeFileSync(join(outer, name, "package.json"), '{"workspaces":["a/../../other","a"]}');
  }
  expect(workspaceFolders(join(outer, "clone"))).toEqual([join(outer, "clone", "a")]);
});

/** Each stands behind something that a search begins with. */
const SOURCES = [
  `f()${"/".repeat(LONG)}\n`,
  `f()${"/**/".repeat(LONG / 4)}\n`,
  `f()\n//)\n${"//)\n".repeat(LONG / 4)}`,
  `do ${" ".repeat(LONG)}`,
  `import${" ".repeat(LONG)}x`,
  "export ".repeat(LONG / 7),
  `import {${"A".repeat(LONG)}-} from "immuconfig"`,
  `import {${"A ".repeat(LONG / 2)}-} from "immuconfig"`,
  `import ${"a".repeat(LONG)}`,
  'from "immuconfig"'.repeat(LONG / 17),
  `with${" ".repeat(LONG)}x`,
  ` v-${"-".repeat(LONG)}!`,
  " v-a".repeat(LONG / 4),
];

test.each(SOURCES.map((source, index) => [index, source.slice(0, 12), source] as const))(
  "%d: a source of %j",
  (_, __, source) => {
    const path = join(temporaryFolder(), "a.js");
    writeFileSync(path, source);
    expect(typeof asksForCore(path)).toBe("boolean");
    expect(mayHaveTypes(Buffer.from(source))).toBe(false);
    expect(isVueCode(source, source.length)).toBe(false);
    expect(decideLoopBodies(source, "a.js")).toBe(source);
  },
);

test("what asks for more than the record is still told apart", () => {
  const path = join(temporaryFolder(), "a.ts");
  const asks = (source: string): boolean => {
    writeFileSync(path, source);
    return asksForCore(path);
  };
  for (const source of [
    'import { config } from "immuconfig";',
    'import { config as c, type Config, Record } from "immuconfig"',
    "import type { File } from 'immuconfig';",
    'const a = "x"; import{config}from"immuconfig"',
    'import { config } from "immuconfig"; import { load } from "elsewhere";',
  ]) {
    expect([source, asks(source)]).toEqual([source, false]);
  }
  for (const source of [
    'import { load } from "immuconfig";',
    'import { config, load } from "immuconfig"',
    'export * from "immuconfig"',
    'import * as all from "immuconfig";',
    'import { FormatError } from "immuconfig"',
    'import { config } from "immuconfig"; export { parse } from "immuconfig";',
    'await import("immuconfig")',
  ]) {
    expect([source, asks(source)]).toEqual([source, true]);
  }
});

test("an if that is the body of a loop is still found behind comments", () => {
  for (const between of ["", " ", "\n// a\n", "/* a */", "\n//////\n/* ) */ // b\n\t"]) {
    const code = `while (x())${between}if (false) f();\ng();\n`;
    expect(decideLoopBodies(code, "a.js")).not.toContain("if (false)");
  }
});
