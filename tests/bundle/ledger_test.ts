import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { BuildFlags } from "../../src/bundle/flags/build_flags.ts";
import { openBuildFlags } from "../../src/bundle/flags/open_build_flags.ts";
import { measureLedger } from "../../src/bundle/analysis/ledger/ledger.ts";
import type { Ledger } from "../../src/bundle/analysis/ledger/make_ledger.ts";
import { readSourceFlags } from "../../src/bundle/analysis/ledger/source_flags.ts";
import { brokenBudgets, parseBudget } from "../../src/bundle/analysis/ledger/ledger_budget.ts";
import { ledgerPage } from "../../src/bundle/analysis/ledger/ledger_page.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeRecord } from "./support.ts";

const temporaryFolder = useTemporaryFolders();
const IMPORT = 'import { feature } from "bun:bundle";\n';
const FLAGS = { A: { enabled: true }, B: {}, C: { enabled: true } };
/** The default file defines DEBUG. */
const NAMES = [...Object.keys(FLAGS), "DEBUG"];

const FIXTURES: Record<string, Readonly<Record<string, string>>> = {
  "branches in one file": {
    "app.ts": `${IMPORT}if (feature("A")) console.log("a", [1, 2, 3].map(String));
if (feature("B")) console.log("b"); else console.log("without b, which is longer");
console.log(feature("C") ? "c" : "");\n`,
  },
  "modules that go": {
    "app.ts": `${IMPORT}import { a } from "./a.ts";
if (feature("A")) a();
if (feature("B")) void import("./b.ts");
if (feature("C")) console.log(require("./data.json"));\n`,
    "a.ts": 'import { shared } from "./shared.ts";\nexport const a = () => shared("a module");\n',
    "b.ts": 'import { shared } from "./shared.ts";\nshared("another module");\n',
    "shared.ts": 'export const shared = (x: string) => console.log("shared", x);\n',
    "data.json": '{"some":["data","that","takes","room"]}',
  },
  "flags in each other": {
    "app.ts": `${IMPORT}import { inner } from "./inner.ts";
if (feature("A")) {
  console.log("outer");
  if (feature("B")) inner();
  if (feature("B") || feature("C")) console.log("either of the two");
}\n`,
    "inner.ts": `${IMPORT}export const inner = () => console.log(feature("C") ? "inner with c" : "inner");\n`,
  },
};

/** Sizes by hand: Bun's own build, with each file compressed alone. */
async function sizeOf(entry: string, features: readonly string[], minify: boolean) {
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    features: [...features],
    minify: minify ? true : { syntax: true },
  });
  const bytes = await Promise.all(
    outputs.map((output) => output.bytes?.() ?? output.arrayBuffer()),
  );
  return {
    raw: bytes.reduce((sum, one) => sum + one.byteLength, 0),
    gzip: bytes.reduce((sum, one) => sum + gzipSync(one).length, 0),
  };
}

function stateIn(folder: string): BuildFlags {
  const file = writeRecord(join(folder, "bunfig.lockb"), FLAGS);
  return openBuildFlags({ cwd: folder, env: {}, file });
}

for (const [name, files] of Object.entries(FIXTURES)) {
  describe(name, () => {
    for (const minify of [false, true]) {
      test(`equals a rebuild by hand${minify ? ", minified" : ""}`, async () => {
        const entry = writeFiles(temporaryFolder(), files);
        const ledger = await measureLedger(
          [entry],
          stateIn(temporaryFolder()),
          { minify: minify || { syntax: true } },
          new Date(),
        );
        const on = ["A", "C"];
        expect(ledger.total).toEqual(await sizeOf(entry, on, minify));
        expect(ledger.flags.map((flag) => flag.name).toSorted()).toEqual(NAMES);
        for (const { name: flag, removes } of ledger.flags) {
          const others = on.filter((one) => one !== flag);
          const withFlag = await sizeOf(entry, [...others, flag], minify);
          const without = await sizeOf(entry, others, minify);
          expect(removes).toEqual({
            raw: withFlag.raw - without.raw,
            gzip: withFlag.gzip - without.gzip,
          });
        }
        for (const { flags, raw } of ledger.interactions) {
          const others = on.filter((one) => !flags.includes(one));
          const size = async (more: readonly string[]) =>
            (await sizeOf(entry, [...others, ...more], minify)).raw;
          const [a, b] = flags;
          const both = await size(flags);
          const sum = both - (await size([b])) + (both - (await size([a])));
          expect(raw).toBe(both - (await size([])) - sum);
        }
      });
    }
  });
}

async function measure(name: string): Promise<Ledger> {
  const entry = writeFiles(temporaryFolder(), FIXTURES[name] ?? {});
  return measureLedger([entry], stateIn(temporaryFolder()), {}, new Date());
}

function pairs({ interactions }: Ledger): string[] {
  return interactions.map(({ flags }) => flags.join());
}

describe("of one ledger", () => {
  let ledger: Ledger;
  let nested: Ledger;

  beforeAll(async () => {
    ledger = await measure("modules that go");
    nested = await measure("flags in each other");
  });

  function modules(name: string): string[] | undefined {
    return ledger.flags
      .find((flag) => flag.name === name)
      ?.modules.map(({ path }) => path.replace(/.*\//, ""))
      .toSorted();
  }

  test("the modules that go are named", () => {
    expect(modules("A")).toEqual(["a.ts", "shared.ts"]);
    expect(modules("B")).toEqual(["b.ts"]);
    expect(modules("C")).toEqual(["data.json"]);
  });

  test("flags that share a module or stand in each other do not add up", () => {
    expect(pairs(nested)).toContain("A,B");
    expect(pairs(nested)).toContain("B,C");
    expect(nested.interactions.every(({ raw }) => raw !== 0)).toBe(true);
  });

  test("the largest flag stands first", () => {
    const sizes = ledger.flags.map(({ removes }) => removes.raw);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });

  test("budgets are kept or broken", () => {
    const actual = ledger.flags.find(({ name }) => name === "A")?.removes.raw ?? 0;
    const broken = (text: string) => brokenBudgets([parseBudget(text)], ledger);
    expect(broken(`A=${actual}B`)).toEqual([]);
    expect(broken(`A=${actual - 1}`)).toEqual([{ name: "A", bytes: actual - 1, actual }]);
    expect(() => broken("AA=1kB")).toThrow("there is no flag AA");
  });

  test("the page holds every flag and nothing from elsewhere", () => {
    const page = ledgerPage(ledger, "<app>.ts", "014074c8c80400000001185099");
    for (const name of NAMES) expect(page).toContain(`<th scope="row">${name}<small>`);
    expect(page).toContain("&lt;app&gt;.ts");
    expect(page).not.toMatch(/<script|<link|https?:|url\(/);
  });
});

describe("a budget", () => {
  const sizes = { "A=10kB": 10_000, "A=1.5KiB": 1_536, "A=2 MB": 2_000_000, "A=7": 7, "A=7b": 7 };
  for (const [text, bytes] of Object.entries(sizes)) {
    test(text, () => expect(parseBudget(text)).toEqual({ name: "A", bytes }));
  }
  for (const text of ["A", "A=", "A=-1", "A=1XB", "0a=1", "A=1e9", "=1"]) {
    test(`${text} is none`, () => expect(() => parseBudget(text)).toThrow("is not a budget"));
  }
});

describe("flags that stand in branches of others", () => {
  test.each<[string, string[]]>([
    ['if (feature("B")) { if (feature("A")) f(); }', ["A,B"]],
    ['if (feature("A")) f(); else if (feature("B")) g();', ["A,B"]],
    ['if (feature("A") && feature("B")) f();', ["A,B"]],
    ['x = feature("A") ? (feature("B") ? 1 : 2) : feature("C") ? 3 : 4;', ["A,B", "A,C"]],
    ['if (feature("A")) { if (feature("A")) f(); }', []],
    ['if (feature("A")) f();\nif (feature("B")) g();', []],
    // What the fast scan cannot tell, the parser can.
    ['if (Bun.config.features.B) { if (feature("A")) f(); }', ["A,B"]],
    ['if (feature("A")) f(`${feature("B") ? 1 : 2}`);', ["A,B"]],
  ])("%s", (body, expected) => {
    const path = writeFiles(temporaryFolder(), { "a.ts": IMPORT + body });
    const found = readSourceFlags(path)?.nested;
    expect(found?.map((pair) => pair.join()).toSorted()).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ["f();", []],
    ['if (feature("A")) { if (feature("A")) f(); } else feature("A") ? g() : h();', ["A"]],
    ["if (Bun.config.features.A) f();", ["A"]],
    ['f(`${feature("A") ? 1 : 2}`);', ["A"]],
  ])("one flag alone is in no branch of another: %s", (body, expected) => {
    const path = writeFiles(temporaryFolder(), { "a.ts": IMPORT + body });
    const found = readSourceFlags(path);
    expect({ flags: [...(found?.flags ?? [])], nested: found?.nested }).toEqual({
      flags: expected,
      nested: [],
    });
  });
});

test("components, which Bun takes for files, are named as not counted", async () => {
  const folder = temporaryFolder();
  const entry = writeFiles(folder, {
    "app.ts": 'import url from "./App.vue";\nconsole.log(url);\n',
    "App.vue": `<script>\n${IMPORT}console.log(feature("A") ? 1 : 2);\n</script>\n`,
  });
  const flags = openBuildFlags({
    cwd: folder,
    env: {},
    file: writeRecord(join(folder, "bunfig.lockb"), FLAGS),
  });
  const ledger = await measureLedger([entry], flags, {}, new Date());
  expect(ledger.uncounted).toEqual([expect.stringMatching(/App\.vue$/)]);
  expect(ledgerPage(ledger, "app.ts", "00")).toContain("Not counted");
});
