import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathOf } from "../../src/bundle/flags/module_path.ts";
import { languageOf } from "../../src/bundle/source/language.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { BUNDLERS } from "./bundlers.ts";
import { writeFiles, writeFixtureRecord } from "./support.ts";

const temporaryFolder = useTemporaryFolders();
/** With what starts a query, and what a URL writes otherwise. */
const FOLDERS = ["a#b", "a b", "a%20b"];

test.each([
  ["/a/main.js", "/a/main.js", "jsx"],
  ["/a/main.ts?raw", "/a/main.ts", "ts"],
  ["/a/main.mts#part", "/a/main.mts", "ts"],
  ["/a/App.vue?vue&type=script&setup=true&lang.ts", "/a/App.vue", "ts"],
  ["/a#b/src/main.ts", "/a#b/src/main.ts", "ts"],
  ["/a#b/src/App.vue?vue&type=script&lang=ts", "/a#b/src/App.vue", "ts"],
  ["/what?/main.tsx?v=1", "/what?/main.tsx", "tsx"],
  ["/a/data.json?url", "/a/data.json", "jsx"],
  ["\0virtual", "\0virtual", "jsx"],
])("%j is the file %j", (id, path, language) => {
  expect(pathOf(id)).toBe(path);
  expect(languageOf(id)).toBe(language as ReturnType<typeof languageOf>);
});

test.each(
  BUNDLERS.flatMap(({ name, build }) => FOLDERS.map((folder) => ({ name, folder, build }))),
)(
  "$name builds in a folder called $folder",
  async ({ folder, build }) => {
    const root = join(temporaryFolder(), folder);
    const entry = writeFiles(root, {
      "main.js":
        'import { feature } from "bun:bundle";\nimport { config } from "immuconfig";\n' +
        'if (feature("ON")) console.log("live", config.version); else console.log("dead");\n',
    });
    const outdir = join(root, "out");
    await build({
      entries: { main: entry },
      root,
      outdir,
      options: { file: writeFixtureRecord(root) },
    });
    const [code = ""] = readdirSync(outdir).map((name) => readFileSync(join(outdir, name), "utf8"));
    expect(code).toContain("live");
    expect(code).not.toMatch(/dead|bun:bundle|from ?"immuconfig/);
  },
  60_000,
);
