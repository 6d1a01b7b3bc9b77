// Takes the body of each exported function of format/, store/, live/ and runtime/ away in turn, and
// runs the tests until one is red: `npm run mutation`. What no test notices must stand in
// tests/mutation_survivors.json with a reason. Works on a copy of the tree.
//   npm run mutation -- src/format/header.ts    only this file, folder or path#function
//   npm run mutation -- --seconds 120           as many as fit into that time, in random order
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Glob } from "bun";
import { copyTree } from "./mutation/copy_tree.ts";
import { type Mutant, mutantsOf } from "./mutation/mutants.ts";
import { Importers } from "./mutation/related_tests.ts";
import survivors from "../tests/mutation_survivors.json" with { type: "json" };

const ROOMS = ["format", "store", "live", "runtime"];
/** Run for every room when its own tests are green: they start whole processes. */
const WHOLE = [
  "tests/cli/**/*_test.ts",
  "tests/conformance/*_test.ts",
  "tests/config_immutability_test.ts",
];
const ONE_RUN_MS_MAX = 300_000;
/** Test files that run together: the first red one ends a run. */
const BATCH = 6;
/** Tests that were seen green on the tree as it is. */
const greenWithout = new Set<string>();
const redWithout = new Set<string>();

const { values, positionals: only } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string" } },
});
const root = join(import.meta.dir, "..");
const deadline = Date.now() + 1_000 * Number(values.seconds ?? 86_400);
const copy = join(mkdtempSync(join(tmpdir(), "immuconfig-mutation-")), "tree");
try {
  process.exitCode = main() ? 0 : 1;
} finally {
  rmSync(join(copy, ".."), { recursive: true, force: true });
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
    console.log(`${red === undefined ? "SURVIVES" : "red     "} ${mutant.id}  ${red ?? ""}`);
  }
  const explained: Readonly<Record<string, string>> = survivors;
  const wrong = alive.filter((id) => explained[id] === undefined);
  for (const id of wrong) console.error(`mutation: no test notices that ${id} does nothing`);
  const rest = mutants.length - killed - alive.length;
  console.log(
    `${killed} red, ${alive.length} survive (${alive.length - wrong.length} explained), ${rest} not run`,
  );
  for (const tests of redWithout) console.error(`mutation: ${tests}: red as it stands`);
  return wrong.length === 0 && redWithout.size === 0;
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
  if (values.seconds !== undefined) chosen.sort(() => Math.random() - 0.5);
  return chosen;
}

/** @returns the tests that are red with the mutant, or undefined where all are green */
function firstRed(mutant: Mutant, importers: Importers): string | undefined {
  const path = join(copy, mutant.path);
  const before = readFileSync(path);
  const withMutant = (tests: readonly string[]): boolean => {
    writeFileSync(path, mutant.text);
    return runTests(tests);
  };
  const without = (tests: readonly string[]): boolean => {
    writeFileSync(path, before);
    return runTests(tests);
  };
  const room = `tests/${mutant.path.split("/")[1]}`;
  const near = importers.testsOf(mutant.path);
  const own = near.filter((test) => test.startsWith(`${room}/`));
  const nearest = [own.slice(0, 1), own.slice(1, BATCH), near.slice(0, BATCH)];
  // The others one by one: together they would not end in time.
  const rest = [`${room}/**/*_test.ts`, ...WHOLE].flatMap(testFiles);
  const batches = [
    ...nearest,
    ...rest.filter((test) => !nearest.flat().includes(test)).map((test) => [test]),
  ];
  for (const batch of batches) {
    const tests = batch.join(" ");
    if (batch.length === 0 || redWithout.has(tests) || withMutant(batch)) continue;
    // Where they are red without a mutant too, they say nothing, and the run is no proof.
    if (!greenWithout.has(tests) && !without(batch)) {
      redWithout.add(tests);
      continue;
    }
    greenWithout.add(tests);
    writeFileSync(path, before);
    return tests;
  }
  writeFileSync(path, before);
  return undefined;
}

function testFiles(pattern: string): string[] {
  return [...new Glob(pattern).scanSync(root)].toSorted();
}

function runTests(tests: readonly string[]): boolean {
  const run = Bun.spawnSync([process.execPath, "test", "--bail", ...tests], {
    cwd: copy,
    stdio: ["ignore", "ignore", "ignore"],
    timeout: ONE_RUN_MS_MAX,
  });
  return run.exitCode === 0;
}
