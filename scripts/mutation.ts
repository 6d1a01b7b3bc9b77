// Takes the body of each exported function of format/, store/, live/ and runtime/ away in turn, and
// runs the tests until one is red: `npm run mutation`. What no test notices must stand in
// tests/mutation_survivors.json with a reason. Works on a copy of the tree.
//   npm run mutation -- src/format/header.ts    only this file, folder or path#function
//   npm run mutation -- --seconds 120           as many as fit into that time, in random order
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Glob } from "bun";
import { copyTree } from "./mutation/copy_tree.ts";
import { type Mutant, mutantsOf } from "./mutation/mutants.ts";
import { Importers } from "./mutation/related_tests.ts";
import { orderTests } from "./mutation/test_order.ts";
import { TestRuns } from "./mutation/test_runs.ts";
import survivors from "../tests/mutation_survivors.json" with { type: "json" };

const ROOMS = ["format", "store", "live", "runtime"];
/** Run for every room when its own tests are green: they start whole processes. */
const WHOLE = [
  "tests/cli/**/*_test.ts",
  "tests/conformance/*_test.ts",
  "tests/config_immutability_test.ts",
];
const { values, positionals: only } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string" } },
});
const root = join(import.meta.dir, "..");
const deadline = Date.now() + 1_000 * Number(values.seconds ?? 86_400);
const copy = join(mkdtempSync(join(tmpdir(), "immuconfig-mutation-")), "tree");
const runs = new TestRuns(copy);
try {
  // Some tests start programs of the copy as another user.
  chmodSync(dirname(copy), 0o755);
  process.exitCode = main() ? 0 : 1;
} finally {
  rmSync(dirname(copy), { recursive: true, force: true });
}

function main(): boolean {
  const importers = new Importers(root);
  const mutants = chosenMutants();
  if (mutants.length === 0) throw new Error(`mutation: nothing to change in ${only.join(", ")}`);
  copyTree(root, copy);
  let killed = 0;
  const alive: string[] = [];
  for (const mutant of mutants) {
    if (Date.now() > deadline) break;
    const red = firstRed(mutant, importers);
    if (red === undefined) alive.push(mutant.id);
    else killed++;
    // At once: console.log waits for a turn of the event loop, and this run has none.
    writeSync(1, `${red === undefined ? "SURVIVES" : "red     "} ${mutant.id}  ${red ?? ""}\n`);
  }
  const explained: Readonly<Record<string, string>> = survivors;
  const wrong = alive.filter((id) => explained[id] === undefined);
  for (const id of wrong) console.error(`mutation: no test notices that ${id} does nothing`);
  const rest = mutants.length - killed - alive.length;
  console.log(
    `${killed} red, ${alive.length} survive (${alive.length - wrong.length} explained), ${rest} not run`,
  );
  for (const test of runs.red) console.error(`mutation: ${test}: red as it stands`);
  return wrong.length === 0 && runs.red.size === 0;
}

function chosenMutants(): Mutant[] {
  const paths = [...new Glob(`src/{${ROOMS.join(",")}}/**/*.ts`).scanSync(root)].toSorted();
  const all = paths
    .filter((path) => !path.endsWith(".d.ts"))
    .flatMap((path) => mutantsOf(path, readFileSync(join(root, path), "utf8")));
  const unknown = Object.keys(survivors).filter((id) => !all.some((mutant) => mutant.id === id));
  if (unknown.length > 0) throw new Error(`mutation: no such functions: ${unknown.join(", ")}`);
  const chosen = all.filter(
    ({ id, path }) =>
      only.length === 0 || only.some((word) => id === word || path.startsWith(word)),
  );
  // A sample of another part each time.
  return values.seconds === undefined ? chosen : shuffled(chosen);
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** @returns the test file that is red with the mutant, or undefined where all are green */
function firstRed(mutant: Mutant, importers: Importers): string | undefined {
  const path = join(copy, mutant.path);
  const before = readFileSync(path);
  const tests = orderTests(mutant.path, {
    near: importers.testsOf(mutant.path),
    room: testFiles(`tests/${mutant.path.split("/")[1]}/**/*_test.ts`),
    whole: WHOLE.flatMap(testFiles),
    ms: (test) => runs.ms(test),
  });
  return tests.find((test) =>
    runs.notices(
      test,
      () => writeFileSync(path, mutant.text),
      () => writeFileSync(path, before),
    ),
  );
}

function testFiles(pattern: string): string[] {
  return [...new Glob(pattern).scanSync(root)].toSorted();
}
