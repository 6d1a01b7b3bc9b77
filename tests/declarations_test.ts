/** The declarations in projects that check those of their packages, with old and new TypeScript. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { packPackages } from "../scripts/pack.ts";
import { PROCESS_TESTS_TIMEOUT_MS } from "./support/cli.ts";
import { buildPackage } from "./support/project.ts";
import { REPOSITORY } from "./support/repository.ts";
import { run } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";
import { requireTool } from "./support/tools.ts";

setDefaultTimeout(2 * PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

/** Whose types an import needs, where it needs any: README.md says so. */
const NEEDED: Readonly<Record<string, string>> = {
  "./bun": "bun",
  "./bundle": "bun",
  "./serve": "bun",
  "./zig": "bun",
  "./esbuild": "esbuild",
  "./rolldown": "rolldown",
  "./rollup": "rollup",
  "./rspack": "@rspack/core",
  "./vite": "vite",
  "./webpack": "webpack",
};

const names = Object.keys(manifest.exports).filter((name) => name !== "./package.json");
const VERSIONS = ["typescript-5-4", "typescript-5", "typescript"];

const compilerOptions = {
  strict: true,
  skipLibCheck: false,
  noEmit: true,
  module: "nodenext",
  target: "es2022",
  lib: ["es2022"],
  types: [],
};

let packages: string[];

beforeAll(async () => {
  await buildPackage();
  const tarballs = packPackages(join(temporaryFolder(), "packed"));
  packages = await Promise.all(
    tarballs.map(async (tarball) => {
      const folder = temporaryFolder();
      await run(["tar", "-xzf", tarball, "-C", folder]);
      return join(folder, "package");
    }),
  );
});

/** A project that imports these names, and has nothing but our packages and what is linked. */
async function project(imported: readonly string[], linked: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@immuconfig"), { recursive: true });
  await run(["cp", "-r", packages[0] ?? "", join(modules, "immuconfig")]);
  await run(["cp", "-r", packages[1] ?? "", join(modules, "@immuconfig", "build")]);
  for (const name of linked) {
    const place = join(modules, name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(REPOSITORY, "node_modules", name), place);
  }
  const lines = imported.map((name, i) => {
    return `import * as x${i} from "immuconfig${name.slice(1)}";\nvoid x${i};`;
  });
  writeFileSync(join(folder, "app.ts"), `${lines.join("\n")}\n`);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return folder;
}

/** What a TypeScript says, one error a line. */
async function compile(version: string, folder: string): Promise<string[]> {
  const config = { compilerOptions, files: ["app.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(REPOSITORY, "node_modules", version, "bin", "tsc");
  const { stdout } = await run([requireTool("node"), tsc, "--pretty", "false", "-p", "."], {
    cwd: folder,
    timeoutMs: 2 * PROCESS_TESTS_TIMEOUT_MS,
  });
  return stdout.split("\n").filter((line) => /error TS/.test(line));
}

describe.each(VERSIONS)("%s", (version) => {
  test("most imports need no types but ours", async () => {
    const folder = await project(
      names.filter((name) => NEEDED[name] === undefined),
      [],
    );
    expect(await compile(version, folder)).toEqual([]);
  });

  test("an adapter needs its bundler's, and no other's", async () => {
    const folder = await project(Object.keys(NEEDED), []);
    const said = await compile(version, folder);
    const missing = said.flatMap(
      (line) => /Cannot find (?:module )?'([^']+)'/.exec(line)?.[1] ?? [],
    );
    // `Blob` comes with those of Bun.
    expect([...new Set(missing)].toSorted()).toEqual(
      [...new Set(Object.values(NEEDED))].toSorted(),
    );
  });
});

test("with them, none of our declarations is wrong", async () => {
  const linked = [...new Set([...Object.values(NEEDED), "@types/bun", "bun-types", "@types/node"])];
  const folder = await project(
    names,
    linked.filter((name) => name !== "bun"),
  );
  writeFileSync(
    join(folder, "app.ts"),
    `/// <reference types="bun" />\n${await Bun.file(join(folder, "app.ts")).text()}`,
  );
  const said = await compile("typescript", folder);
  expect(said.filter((line) => /^app|immuconfig/.test(line))).toEqual([]);
});
