/** Which tests reach a source by their imports, nearest first. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";

const IMPORT = /(?:\bfrom |\bimport |\bimport\()"(\.[^"]+\.ts)"/g;

/** For each file below `src/` and `tests/`, those that import it. */
export class Importers {
  readonly #byTarget = new Map<string, string[]>();

  /** @param root of the repository */
  constructor(root: string) {
    for (const file of new Glob("{src,tests}/**/*.ts").scanSync(root)) {
      const text = readFileSync(join(root, file), "utf8");
      for (const [, specifier = ""] of text.matchAll(IMPORT)) {
        const target = join(dirname(file), specifier);
        this.#byTarget.set(target, [...(this.#byTarget.get(target) ?? []), file]);
      }
    }
  }

  /** Test files that reach the source, by the number of imports between. */
  testsOf(source: string): string[] {
    const seen = new Set([source]);
    let ring = [source];
    const tests: string[] = [];
    while (ring.length > 0) {
      ring = ring
        .flatMap((file) => this.#byTarget.get(file) ?? [])
        .filter((file) => !seen.has(file) && seen.add(file));
      tests.push(...ring.filter((file) => file.endsWith("_test.ts")));
    }
    return tests;
  }
}
