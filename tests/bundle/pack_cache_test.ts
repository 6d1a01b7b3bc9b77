/** webpack and Rspack: caches on the disk, names in source maps, and scripts that are texts. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Configuration as RspackConfiguration, rspack } from "@rspack/core";
import type { Configuration, webpack as Webpack } from "webpack";
import * as forRspack from "../../src/bundle/adapters/rspack.ts";
import * as forWebpack from "../../src/bundle/adapters/webpack.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeRecord } from "./support.ts";

setDefaultTimeout(60_000);

// Imported, its getters would all be read, and each old one warns.
const webpack: typeof Webpack = createRequire(import.meta.url)("webpack");
const temporaryFolder = useTemporaryFolders();
const APP = `import { feature } from "bun:bundle";
console.log(feature("SKIFF") ? "flag-on" : "flag-off");
`;

interface Job {
  readonly root: string;
  readonly file: string;
  readonly features?: Readonly<Record<string, boolean>>;
  readonly options?: Pick<Configuration & RspackConfiguration, "devtool" | "module">;
}

interface Compiler {
  run: (done: (error: Error | null, stats?: { hasErrors: () => boolean }) => void) => void;
  close: (done: () => void) => void;
}

async function run(compiler: Compiler, root: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  compiler.run((error, stats) => {
    const fault = error ?? (stats?.hasErrors() === true ? new Error("it has errors") : undefined);
    compiler.close(() => (fault === undefined ? resolve() : reject(fault)));
  });
  await promise;
  return readFileSync(join(root, "out", "app.js"), "utf8");
}

function common(root: string) {
  return {
    mode: "production",
    context: root,
    entry: "./app.js",
    devtool: false,
    output: { path: join(root, "out"), filename: "app.js" },
  } as const;
}

const BUNDLERS = {
  webpack({ root, file, features = {}, options = {} }: Job): Promise<string> {
    const compiler = webpack({
      ...common(root),
      ...options,
      cache: { type: "filesystem", cacheDirectory: join(root, "cache") },
      plugins: [forWebpack.immuconfig({ file, features })],
    });
    if (compiler === null) throw new Error("webpack made no compiler");
    return run(compiler, root);
  },
  rspack({ root, file, features = {}, options = {} }: Job): Promise<string> {
    const storage = { type: "filesystem", directory: join(root, "cache") } as const;
    const compiler = rspack({
      ...common(root),
      ...options,
      cache: { type: "persistent", storage },
      plugins: [forRspack.immuconfig({ file, features })],
    });
    return run(compiler, root);
  },
};

describe.each(Object.entries(BUNDLERS))("%s", (_name, build) => {
  test("builds anew what a cache on the disk holds for another state", async () => {
    const root = temporaryFolder();
    writeFiles(root, { "app.js": APP });
    const file = writeRecord(join(root, "bunfig.lockb"), { SKIFF: {} });
    for (const on of [false, true, false, true]) {
      const text = await build({ root, file, features: { SKIFF: on } });
      expect(text).toContain(on ? "flag-on" : "flag-off");
    }
    const other = writeRecord(join(root, "other.lockb"), { SKIFF: { enabled: true } });
    expect(await build({ root, file })).toContain("flag-off");
    expect(await build({ root, file: other })).toContain("flag-on");
  });

  test("names a source in its map as without us", async () => {
    const root = temporaryFolder();
    writeFiles(root, { "app.js": `import "./deep/flags.js";\n`, "deep/flags.js": APP });
    const file = writeRecord(join(root, "bunfig.lockb"), { SKIFF: {} });
    await build({ root, file, options: { devtool: "source-map" } });
    const map: { sources: string[] } = JSON.parse(
      readFileSync(join(root, "out", "app.js.map"), "utf8"),
    );
    expect(map.sources).toContain("webpack:///./deep/flags.js");
  });

  test("leaves a script that is imported as its text", async () => {
    const root = temporaryFolder();
    const app = 'import text from "./sample.js?raw";\nconsole.log(text);\n';
    writeFiles(root, { "app.js": app, "sample.js": APP });
    const file = writeRecord(join(root, "bunfig.lockb"), { SKIFF: {} });
    const module = { rules: [{ resourceQuery: /raw/, type: "asset/source" }] };
    expect(await build({ root, file, options: { module } })).toContain('feature("SKIFF")');
  });
});
