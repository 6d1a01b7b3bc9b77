/** Imports go the way that docs/layers.json says: towards the top of its list. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { Glob } from "bun";
import { layers } from "../docs/layers.json";

const root = join(import.meta.dir, "..");
const IMPORT = /(?:\bfrom |\bimport |\bimport\(|\brequire\()"(\.[^"]+\.ts)"/g;

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

test("every file has a layer, and imports none below its own", () => {
  const wrong: string[] = [];
  const files = [...new Glob("**/*.ts").scanSync(join(root, "src"))];
  expect(files.length).toBeGreaterThan(200);
  for (const file of files) {
    const own = layerOf(file);
    if (own === -1) wrong.push(`${file} is in no layer`);
    const text = readFileSync(join(root, "src", file), "utf8");
    for (const [, specifier = ""] of text.matchAll(IMPORT)) {
      const target = join(dirname(file), specifier);
      if (layerOf(target) > own) wrong.push(`${file} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("docs/architecture.md shows the same list", () => {
  const page = readFileSync(join(root, "docs", "architecture.md"), "utf8");
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
