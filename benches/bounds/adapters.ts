/**
 * What each adapter costs over the same bundler's own `define` of the same flags. Nothing is minified
 * except by Vite, whose default that is: a minifier would only hide the difference.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchOptions, type Bound, ratioBound } from "../support/bound.ts";
import { writeInput } from "../support/bundle_input.ts";
import { BUILDS } from "../support/bundlers.ts";
import { check, compare } from "../support/measure.ts";

const ROUNDS = 9;

export async function adapterBounds({ quick }: BenchOptions): Promise<Bound[]> {
  const folder = mkdtempSync(join(tmpdir(), "immuconfig-bench-"));
  const moduleCount = quick ? 3 : 300;
  try {
    const input = writeInput(folder, moduleCount, !quick);
    const bounds: Bound[] = [];
    for (const { name, build, ratioMax } of BUILDS) {
      const outfile = (own: boolean): string =>
        join(folder, "out", `${name}-${own ? "define" : "immuconfig"}.mjs`);
      const timedBuild = async (own: boolean): Promise<number> => {
        const start = Bun.nanoseconds();
        await build(input, own, outfile(own));
        return Bun.nanoseconds() - start;
      };
      const result = await compare(quick ? 1 : ROUNDS, {
        subject: () => timedBuild(false),
        floor: () => timedBuild(true),
      });
      await checkSame(name, outfile(false), outfile(true), moduleCount);
      bounds.push(ratioBound(`${name} with the adapter / with define`, result, ratioMax));
    }
    return bounds;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Both programs must give the same lists, and the flags that are off must be gone. */
async function checkSame(name: string, ours: string, own: string, count: number): Promise<void> {
  const built: { lists: string[][] } = await import(ours);
  const defined: { lists: string[][] } = await import(own);
  const lists = JSON.stringify(built.lists);
  check(lists === JSON.stringify(defined.lists), `${name}: the two programs differ`);
  check(built.lists.length === count, `${name}: modules are missing`);
  const text = await Bun.file(ours).text();
  check(!/off-0:|bun:bundle/.test(text), `${name}: a dead branch is still there`);
}
