/** Imports go the way that docs/architecture.md says: towards the top of its table of layers. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { Glob } from "bun";

const root = join(import.meta.dir, "..");
const IMPORT = /(?:\bfrom |\bimport |\bimport\(|\brequire\()"(\.[^"]+\.ts)"/g;

/** The files and folders of each layer, in the order of the table. */
function readLayers(): string[][] {
  const page = readFileSync(join(root, "docs", "architecture.md"), "utf8");
  const cells = [...page.matchAll(/^\| (`src\/[^|]*)\|/gm)].map(([, cell = ""]) => cell);
  return cells.map((cell) =>
    [...cell.matchAll(/`(?:src\/)?([^`]+)`/g)].map(([, name = ""]) => name),
  );
}

const layers = readLayers();

function layerOf(file: string): number {
  return layers.findIndex((names) =>
    names.some((name) => (name.endsWith("/") ? file.startsWith(name) : file === name)),
  );
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
