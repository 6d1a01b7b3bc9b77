import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { probeFeatures } from "../../src/bundle/build/bundler.ts";
import type { BuildFlags } from "../../src/bundle/flags/build_flags.ts";
import { openBuildFlags } from "../../src/bundle/flags/open_build_flags.ts";
import { type EmbeddedRecord, readEmbeddedRecord } from "../../src/bundle/flags/embedded_record.ts";
import { type Bundle, type BundleOptions, bundle } from "../../src/bundle/build/bundle.ts";
import { bundleWithFeatures } from "../../src/bundle/feature_elimination.ts";
import { setFrozen } from "../../src/format/edit/set_fields.ts";
import { decodeFile, encodeFile } from "../../src/format/file.ts";
import { recordFromText } from "../../src/format/record.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { failure, writeFiles, writeRecord } from "./support.ts";

const temporaryFolder = useTemporaryFolders();
let folder = "";
let record = "";

beforeAll(() => {
  folder = temporaryFolder();
  record = writeRecord(join(folder, "bunfig.lockb"), { ON: { enabled: true }, OFF: {} });
});

const APP = `import { feature } from "bun:bundle";
import { late } from "./late.ts";
if (feature("ON")) console.log("is on"); else console.log("is not on");
console.log(feature("OFF") ? late() : "no");
`;

function state(features = {}): BuildFlags {
  return openBuildFlags({ cwd: folder, env: {}, file: record }, features);
}

async function build(
  files: Readonly<Record<string, string>>,
  features: Record<string, boolean> = {},
  options: Partial<BundleOptions> = {},
): Promise<Bundle> {
  const entry = writeFiles(temporaryFolder(), files);
  return bundle([entry], state(features), { now: new Date(), ...options });
}

async function entryText({ files }: Bundle): Promise<string> {
  return (await files[0]?.content.text()) ?? "";
}

function embeddedIn(text: string): EmbeddedRecord | undefined {
  const path = join(temporaryFolder(), "built.js");
  writeFileSync(path, text);
  return readEmbeddedRecord(path);
}

const FILES = { "app.ts": APP, "late.ts": 'export const late = () => "yes";\n' };

describe("a build", () => {
  test("keeps the live branches alone, and says so", async () => {
    const lines: string[] = [];
    const built = await build(FILES, {}, { report: (line) => lines.push(line) });
    const text = await entryText(built);
    expect(text).toContain('"is on"');
    expect(text).not.toMatch(/is not on|late|feature|if \(/);
    expect(built.elimination).toMatchObject({ calls: 2, flags: 2 });
    expect(lines.join()).toMatch(
      /^Feature elimination: \d+(\.\d)? (ns|µs|ms), 2 calls of 2 flags$/,
    );
  });

  test("carries the record that it was built with", async () => {
    const built = await build(FILES, { OFF: true });
    const embedded = embeddedIn(await entryText(built));
    expect(embedded?.record).toEqual(recordFromText(built.flags.record));
    expect(built.flags.record).not.toBe(state().record);
    expect(built.flags.overridden).toEqual(["OFF"]);
  });

  test("turns Bun.config into literals", async () => {
    const names = ["version", "registry.hash", "registry.url", "terminal.mode", "features.ON"];
    const reads = names.map((name) => `Bun.config.${name}`).join(", ");
    const text = await entryText(await build({ "app.ts": `console.log(${reads});\n` }));
    expect(text).toContain('(1, "c8c87440", "https://registry.example.test", "cooked", !0)');
  });

  test("puts the record into every chunk, minified or not, behind the caller's footer", async () => {
    const files = {
      "app.ts": 'import("./late.ts").then(console.log);\n',
      "late.ts": "export const late = 1;\n",
    };
    for (const minify of [true, false]) {
      const { files: outputs } = await build(
        files,
        {},
        {
          build: { splitting: true, minify, footer: "// mine" },
        },
      );
      expect(outputs).toHaveLength(2);
      for (const { content } of outputs) {
        const text = await content.text();
        expect(text).toContain("// mine\n/*! immuconfig:record:");
        expect(embeddedIn(text)?.record).toEqual(recordFromText(state().record));
      }
    }
  });

  test("takes the source of dead branches out of maps", async () => {
    for (const sourcemap of ["external", "inline"] as const) {
      const built = await build(FILES, {}, { build: { sourcemap }, scrubMaps: true });
      const map = await built.files.at(-1)?.content.text();
      const data = /base64,(\S+)/.exec(map ?? "")?.[1];
      const json = JSON.parse(
        data === undefined ? (map ?? "") : Buffer.from(data, "base64").toString(),
      );
      const [content] = json.sourcesContent;
      expect(content).toContain('console.log("is on")');
      expect(content).not.toMatch(/is not on|late/);
      expect(content.length).toBe(APP.length);
      expect(json.mappings.length).toBeGreaterThan(10);
    }
  });
});

test("this Bun sets features as it is told", () => probeFeatures());

test("its output is that of bun build with the same options", async () => {
  const entry = writeFiles(temporaryFolder(), FILES);
  for (const [words, options] of [
    [[], {}],
    [["--minify"], { minify: true }],
    [["--target=bun"], { target: "bun" }],
    [["--format=cjs", "--external=./late.ts"], { format: "cjs", external: ["./late.ts"] }],
  ] as const) {
    const theirs = await run(
      [BUN, "build", entry, "--feature=ON", "--feature=OFF", "--minify-syntax", ...words],
      { cwd: process.cwd() },
    );
    const ours = await entryText(
      await bundle([entry], state({ OFF: true }), {
        build: { ...options, external: [...(("external" in options && options.external) || [])] },
        now: new Date(),
      }),
    );
    const stripped = ours.replace(/\/\*! immuconfig:record:\w+ \*\/\n+/, "");
    expect(stripped.trim()).toBe(theirs.stdout.trim());
  }
});

describe("refused", () => {
  test("a source that Bun would get wrong, with its place", async () => {
    const bad =
      'import { feature } from "bun:bundle";\nconst f = feature;\nif (f("ON")) f("OFF");\n';
    const message = await failure(() => build({ "app.ts": bad }));
    expect(message).toMatch(/app\.ts:2:11: feature used as a value/);
  });

  test("an unknown flag, in a dependency too", async () => {
    const files = {
      "app.ts": 'import "dep";\n',
      "node_modules/dep/index.js":
        'import { feature } from "bun:bundle";\nif (feature("OFFF")) f();\nelse g();\n',
    };
    expect(await failure(() => build(files))).toMatch(/there is no flag OFFF/);
  });

  test("a build that fails, with Bun's own words", async () => {
    expect(await failure(() => build({ "app.ts": 'import "./no.ts";\n' }))).toMatch(
      /app\.ts:1:8: Could not resolve: "\.\/no\.ts"/,
    );
  });

  test("another state than a frozen record's", () => {
    const file = decodeFile(readFileSync(record), () => undefined);
    const frozen = join(temporaryFolder(), "bunfig.lockb");
    writeFileSync(frozen, encodeFile(setFrozen(true)(file)));
    const open = (features: Record<string, boolean>) =>
      openBuildFlags({ cwd: folder, env: {}, file: frozen }, features);
    expect(open({ ON: true }).overridden).toEqual([]);
    expect(() => open({ ON: false })).toThrow("is frozen, so ON cannot be built otherwise");
  });
});

describe("bundleWithFeatures", () => {
  test("takes states by name, or the names of all that are on", async () => {
    const entry = writeFiles(temporaryFolder(), FILES);
    const options = { file: record, report: () => undefined };
    const byName = await bundleWithFeatures(entry, { OFF: true }, options);
    const byList = await bundleWithFeatures([entry], ["OFF"], options);
    expect(await entryText(byName)).toMatch(/"yes"[^]*"is on"/);
    expect(await entryText(byList)).toMatch(/"yes"[^]*"is not on"/);
    expect(byList.flags.record).not.toBe(byName.flags.record);
  });

  test("refuses a name that the record does not have", async () => {
    expect(await failure(() => bundleWithFeatures("a.ts", ["ONN"], { file: record }))).toMatch(
      "ONN",
    );
  });
});
