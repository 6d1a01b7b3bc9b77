/** Imports, in TypeScript and Zig, go the way that docs/layers.json says: towards the top of its list. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { Glob } from "bun";
import { layers } from "../docs/layers.json";
import { REPOSITORY } from "./support/repository.ts";

/** An import of a file of our own: static in the first group or the third, lazy in the second. */
const IMPORT =
  /(?:\bfrom |\bimport )"(\.[^"]+\.tsx?)"|\b(?:import|require)\("(\.[^"]+\.tsx?)"|@import\("([^"]+\.zig)"\)/g;

interface SourceFile {
  readonly layer: number;
  readonly imports: readonly string[];
  /** Those that are loaded with it. */
  readonly staticImports: readonly string[];
}

const files = new Map<string, SourceFile>(
  [...new Glob("**/*.{ts,tsx,zig}").scanSync(join(REPOSITORY, "src"))].map((path) => [
    path,
    read(path),
  ]),
);

function read(path: string): SourceFile {
  const matches = [...readFileSync(join(REPOSITORY, "src", path), "utf8").matchAll(IMPORT)];
  const targetsOf = (specifiers: (string | undefined)[]): string[] =>
    specifiers
      .filter((specifier) => specifier !== undefined)
      .map((specifier) => join(dirname(path), specifier))
      // Code inside of strings names files that are not there.
      .filter((target) => Bun.file(join(REPOSITORY, "src", target)).size > 0);
  return {
    layer: layerOf(path),
    imports: targetsOf(matches.flatMap((match) => match.slice(1))),
    staticImports: targetsOf(matches.flatMap((match) => [match[1], match[3]])),
  };
}

/** The layer that names the file, or the folder nearest to it. */
function layerOf(file: string): number {
  let best = -1;
  let length = 0;
  for (const [index, { paths }] of layers.entries()) {
    for (const path of paths) {
      const matches = path.endsWith("/") ? file.startsWith(path) : file === path;
      if (matches && path.length > length) [best, length] = [index, path.length];
    }
  }
  return best;
}

/** Every file that `start` imports, however far away, with what it is imported for. */
function reachable(start: string): Set<string> {
  const seen = new Set<string>();
  const left = [start];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    for (const target of files.get(path)?.staticImports ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      left.push(target);
    }
  }
  return seen;
}

test("every file has a layer, and imports none below its own", () => {
  const paths = [...files.keys()];
  expect(paths.filter((path) => path.endsWith(".ts")).length).toBeGreaterThan(200);
  expect(paths.filter((path) => path.endsWith(".tsx")).length).toBeGreaterThan(10);
  expect(paths.filter((path) => path.endsWith(".zig")).length).toBeGreaterThan(20);
  const wrong: string[] = [];
  for (const [path, { layer, imports }] of files) {
    if (layer === -1) wrong.push(`${path} is in no layer`);
    for (const target of imports) {
      if ((files.get(target)?.layer ?? -1) > layer) wrong.push(`${path} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("outside the rooms lie the entries and the blueprint's names", () => {
  const loose = [...files.keys()].filter((path) => !path.includes("/")).toSorted();
  expect(loose).toEqual([
    "bootstrap.ts",
    "core.ts",
    "features.zig",
    "hash.ts",
    "immuconfig.zig",
    "index.ts",
    "index_bun.ts",
    "index_node.ts",
    "postinstall.ts",
    "register.ts",
    "registry.zig",
    "terminal.zig",
  ]);
});

test("no circle goes through two folders, and none through Zig files", () => {
  const circles: string[] = [];
  for (const path of files.keys()) {
    for (const target of reachable(path)) {
      const inOneFolder = dirname(path) === dirname(target) && !path.endsWith(".zig");
      if (inOneFolder || !reachable(target).has(path)) continue;
      circles.push(`${path} and ${target} import each other`);
    }
  }
  expect(circles).toEqual([]);
});

test("docs/architecture.md shows the same list", () => {
  const page = readFileSync(join(REPOSITORY, "docs", "architecture.md"), "utf8");
  const rows = [...page.matchAll(/^\| (`src\/.*?) +\| (.*?) +\|$/gm)].map(([, folders, about]) => ({
    folders,
    about,
  }));
  expect(rows).toEqual(
    layers.map(({ paths, about }) => ({
      folders: paths.map((path) => `\`src/${path}\``).join(" "),
      about,
    })),
  );
});
