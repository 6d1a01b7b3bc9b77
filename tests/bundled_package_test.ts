/** The package inside of bundles for Node: none names what only Bun has. */

import { beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { PROCESS_TESTS_TIMEOUT_MS } from "./support/cli.ts";
import { buildPackage, makeProject } from "./support/project.ts";
import { BUN, run } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";
import { requireTool, testWith } from "./support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

type Bundle = (folder: string, entry: string) => Promise<string>;

const BUNDLERS: [name: string, bundle: Bundle][] = [
  [
    "bun build",
    async (folder, entry) => {
      const words = ["build", entry, "--target=node", "--outfile=out.mjs"];
      const ran = await run([BUN, ...words], { cwd: folder });
      expect(ran).toMatchObject({ exitCode: 0 });
      return join(folder, "out.mjs");
    },
  ],
  [
    "esbuild",
    async (folder, entry) => {
      const outfile = join(folder, "out.mjs");
      const options = {
        bundle: true,
        format: "esm",
        platform: "node",
        logLevel: "silent",
      } as const;
      await esbuild({ entryPoints: [join(folder, entry)], outfile, ...options });
      return outfile;
    },
  ],
];

/** What a bundle imports when it is loaded. */
function importedBy(path: string): string[] {
  const text = readFileSync(path, "utf8");
  const imports = new Bun.Transpiler({ loader: "js" }).scanImports(text);
  return imports
    .filter(({ kind }) => kind === "import-statement")
    .map(({ path: name }) => name)
    .filter((name) => !name.startsWith("."));
}

describe.each(BUNDLERS)("%s", (_, bundle) => {
  testWith("node")("for Node: all bindings", async () => {
    const folder = temporaryFolder();
    makeProject(folder);
    writeFileSync(
      join(folder, "app.mjs"),
      `import { config } from "immuconfig";
       import { live } from "immuconfig/live";
       import { parse } from "immuconfig/core";
       import { readFileSync } from "node:fs";
       const { record } = parse(readFileSync("bunfig.lockb"));
       console.log(config.record === record, live.generation);
       // It needs lib/, which is not beside the bundle, but nothing of Bun.
       await import("immuconfig/native").catch(({ code }) => console.log(code));`,
    );
    const path = await bundle(folder, "app.mjs");
    expect(importedBy(path).filter((name) => name.startsWith("bun"))).toEqual([]);
    const ran = await run([requireTool("node"), path], { cwd: folder });
    expect(ran).toMatchObject({ exitCode: 0, stdout: "true 1\nERR_UNSUPPORTED\n" });
  });
});
