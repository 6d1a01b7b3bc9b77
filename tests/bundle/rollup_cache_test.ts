/** Rollup's own cache, in which a module outlives the flags that it was built with. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { rollup, type RollupCache } from "rollup";
import { immuconfig } from "../../src/bundle/adapters/rollup.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeRecord } from "./support.ts";

const temporaryFolder = useTemporaryFolders();

test("a flip reaches modules in the cache, and nothing else builds them anew", async () => {
  const root = temporaryFolder();
  const record = join(root, "bunfig.lockb");
  const input = writeFiles(root, {
    "main.js":
      'import "./plain.js";\nimport { feature } from "bun:bundle";\nconsole.log(feature("ON") ? "flag-on" : "flag-off");\n',
    "plain.js": 'console.log("plain");\n',
  });
  let cache: RollupCache | undefined;
  const build = async (enabled: boolean): Promise<string[]> => {
    writeRecord(record, { ON: { enabled } });
    const transformed: string[] = [];
    const counter = {
      name: "counter",
      transform: (_: string, id: string) => void transformed.push(id.slice(root.length + 1)),
    };
    const plugins = [immuconfig({ file: record }), counter];
    const bundle = await rollup({ input, plugins, ...(cache === undefined ? {} : { cache }) });
    cache = bundle.cache;
    const { output } = await bundle.generate({});
    expect(output[0].code).toContain(enabled ? "flag-on" : "flag-off");
    expect(output[0].code).not.toContain(enabled ? "flag-off" : "flag-on");
    return transformed.toSorted();
  };
  expect(await build(false)).toEqual(["main.js", "plain.js"]);
  expect(await build(true)).toEqual(["main.js"]);
  expect(await build(true)).toEqual([]);
  expect(await build(false)).toEqual(["main.js"]);
}, 60_000);
