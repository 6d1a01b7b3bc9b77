// The bounds of docs/performance.md, each beside its floor of the same run: `bun run bench`. Names
// of groups measure these alone; --write puts the table on the page; --quick measures once, small,
// to show that it works. Ends with 1 when a bound does not hold.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine } from "./claims/machine.ts";
import { type BenchOptions, type Bound, formatBound, formatTable, holds } from "./support/bound.ts";
import { replaceMeasured } from "./support/page.ts";

type Measure = (options: BenchOptions) => Promise<readonly Bound[]>;

/** Loaded one by one: what one group needs should not stand in another's way. */
const GROUPS: Readonly<Record<string, () => Promise<Measure>>> = {
  start: async () => (await import("./bounds/start.ts")).startBounds,
  commands: async () => (await import("./bounds/commands.ts")).commandBounds,
  trust: async () => (await import("./bounds/trust.ts")).trustBounds,
  live: async () => (await import("./bounds/live.ts")).liveBounds,
  node: async () => (await import("./bounds/node.ts")).nodeBounds,
  build: async () => (await import("./bounds/build.ts")).buildBounds,
  adapters: async () => (await import("./bounds/adapters.ts")).adapterBounds,
  plane: async () => (await import("./bounds/plane.ts")).planeBounds,
  ledger: async () => (await import("./bounds/ledger.ts")).ledgerBounds,
};

const CHILD_MS_MAX = 900_000;
const words = process.argv.slice(2);
const options = { quick: words.includes("--quick") };
const write = words.includes("--write");
const child = words.includes("--child");
const wanted = words.filter((word) => !word.startsWith("--"));
const unknown = wanted.filter((word) => !Object.hasOwn(GROUPS, word));
if (unknown.length > 0 || (write && (options.quick || wanted.length > 0))) {
  console.error(`usage: bun run bench [--quick | --write | ${Object.keys(GROUPS).join(" | ")}]`);
  process.exit(2);
}

const bounds: Bound[] = [];
for (const [name, group] of Object.entries(GROUPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (child) {
    const measure = await group();
    console.log(JSON.stringify(await measure(options)));
    process.exit(0);
  }
  for (const bound of measureApart(name)) {
    console.log(formatBound(bound, options));
    bounds.push(bound);
  }
}
if (write) {
  const path = join(import.meta.dir, "..", "docs", "performance.md");
  const parts = [`Measured on: ${describeMachine(new Date())}.`, formatTable(bounds)];
  const page = readFileSync(path, "utf8");
  writeFileSync(path, replaceMeasured(page, "bun run bench --write", parts));
}
process.exit(options.quick || bounds.every(holds) ? 0 : 1);

/** A group in a process of its own: no other's compiled code, caches and memory are in its way. */
function measureApart(name: string): readonly Bound[] {
  const quick = options.quick ? ["--quick"] : [];
  const run = Bun.spawnSync([process.execPath, import.meta.path, name, "--child", ...quick], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: CHILD_MS_MAX,
  });
  if (run.exitCode !== 0) throw new Error(`bench: ${name} exited with ${run.exitCode}`);
  const lines = run.stdout.toString().trim().split("\n");
  const measured = JSON.parse(lines.pop() ?? "") as Bound[];
  // What it could not measure, and why.
  for (const line of lines) console.log(line);
  return measured;
}
