// What each adapter costs over the same bundler's own `define` of the same flags, in one run:
// `bun benches/adapters_bench.ts [BUNDLER…]`. With --quick it builds a small program once, to show
// that it works. Nothing is minified except by Vite, whose default that is: a minifier would only
// hide the difference.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeInput } from "./support/bundle_input.ts";
import { BUILDS } from "./support/bundlers.ts";
import { compare, printComparison } from "./support/measure.ts";

const quick = process.argv.includes("--quick");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const folder = mkdtempSync(join(tmpdir(), "immuconfig-bench-"));
const MODULE_COUNT = quick ? 3 : 300;
const ROUNDS = quick ? 1 : 9;

let allHold = true;
try {
  const input = writeInput(folder, MODULE_COUNT, !quick);
  for (const { name, build, ratioMax } of BUILDS) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const timedBuild = async (own: boolean): Promise<number> => {
      const start = Bun.nanoseconds();
      await build(input, own, outfile(name, own));
      return Bun.nanoseconds() - start;
    };
    const result = await compare(ROUNDS, {
      subject: () => timedBuild(false),
      floor: () => timedBuild(true),
    });
    await checkSame(name);
    allHold = printComparison(`${name} with immuconfig / with define`, result, ratioMax) && allHold;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(allHold || quick ? 0 : 1);

function outfile(name: string, own: boolean): string {
  return join(folder, "out", `${name}-${own ? "define" : "immuconfig"}.mjs`);
}

/** Both programs must give the same lists, and the flags that are off must be gone. */
async function checkSame(name: string): Promise<void> {
  const ours: { lists: string[][] } = await import(outfile(name, false));
  const own: { lists: string[][] } = await import(outfile(name, true));
  const lists = JSON.stringify(ours.lists);
  if (lists !== JSON.stringify(own.lists) || ours.lists.length !== MODULE_COUNT) {
    throw new Error(`${name}: the two programs differ`);
  }
  const text = await Bun.file(outfile(name, false)).text();
  if (text.includes("off-0:") || text.includes("bun:bundle")) {
    throw new Error(`${name}: a dead branch is still there`);
  }
}
