/** The Rspack adapter's own loader: what it tells Rspack beside the replaced text. */

import { afterAll, expect, mock, test } from "bun:test";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type RuleSetRule, rspack, type Stats } from "@rspack/core";
import * as actual from "../../src/bundle/adapters/common.ts";
import { immuconfig } from "../../src/bundle/adapters/rspack.ts";
import { makeFolder, writeFiles, writeRecord } from "./support.ts";

const SOURCE =
  'import { feature } from "bun:bundle";\nif (feature("OLD_ONE")) out("dead");\nout(1);\n';

/** A copy: the module's own members are replaced below. */
const common = { ...actual };
const folder = makeFolder();
const file = writeRecord(join(folder, "bunfig.lockb"), { OLD_ONE: { expires: "2020-01-01" } });
const entry = writeFiles(join(folder, "src"), {
  "main.js": 'import "./marked.js";\nimport "./part.vue?lang.js";\nimport "./plain.js";\n',
  "marked.js": SOURCE,
  "part.vue": SOURCE,
  "plain.js": "out(2);\n",
  // Puts a line in front, as a loader that compiles something would.
  "shift.cjs": `module.exports = function (source) {
    this.callback(null, "\\n" + source, {
      version: 3, sources: ["before.js"], sourcesContent: [source], names: [], mappings: ";AAAA;AACA;AACA",
    });
  };`,
});
afterAll(async () => {
  await mock.module("../../src/bundle/adapters/common.ts", () => common);
  rmSync(folder, { recursive: true, force: true });
});

async function build(devtool: "source-map" | false, rules: RuleSetRule[] = []): Promise<Stats> {
  const compiler = rspack({
    mode: "production",
    context: folder,
    entry,
    output: { path: join(folder, "out") },
    devtool,
    module: { rules },
    optimization: { concatenateModules: false },
    plugins: [immuconfig({ file })],
  });
  const { promise, resolve, reject } = Promise.withResolvers<Stats>();
  compiler.run((error, stats) => (stats === undefined ? reject(error) : resolve(stats)));
  const stats = await promise;
  await new Promise((done) => compiler.close(done));
  return stats;
}

test("warnings, the record as a dependency, and parts of other files", async () => {
  const stats = await build(false);
  const { warnings = [], errors } = stats.toJson({ all: false, errors: true, warnings: true });
  expect(errors).toEqual([]);
  const told = warnings.map(({ message }) => message).join("\n");
  expect(told).toContain("src/marked.js:2:13: ");
  expect(told).toContain("src/part.vue:2:13: ");
  expect(told).toContain("[expired-flag]");
  expect(warnings.length).toBe(2);
  expect(stats.compilation.fileDependencies.has(file)).toBe(true);
  const text = await Bun.file(join(folder, "out", "main.js")).text();
  expect(text).toContain("out(1)");
  expect(text).not.toContain("dead");
});

test("JavaScript is asked about no other file than those that hold something to replace", async () => {
  const asked: string[] = [];
  await mock.module("../../src/bundle/adapters/common.ts", () => ({
    ...common,
    displayPath(id: string) {
      asked.push(basename(id));
      return common.displayPath(id);
    },
  }));
  await build(false);
  expect(asked.toSorted()).toEqual(["marked.js", "part.vue?lang.js"]);
});

test("the map of an earlier loader stays", async () => {
  const shift = {
    test: /marked\.js$/,
    enforce: "pre",
    use: join(folder, "src", "shift.cjs"),
  } as const;
  await build("source-map", [shift]);
  const map = await Bun.file(join(folder, "out", "main.js.map")).json();
  expect(map.sources.join()).toContain("before.js");
  await build("source-map");
  const own = await Bun.file(join(folder, "out", "main.js.map")).json();
  expect(own.sourcesContent).toContain(SOURCE);
});
