// Takes out what stops each attack of docs/security.md, one at a time, and runs the test that the page
// names, which must be red then and green before: `bun scripts/security_layers.ts [WORD…]`, with a word
// only the attacks that contain it. Works on a copy of the tree.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyTree } from "./mutation/copy_tree.ts";
import { type Attack, attacks } from "./security_layers/attacks.ts";

const ONE_RUN_MS_MAX = 300_000;

const root = join(import.meta.dir, "..");
const words = process.argv.slice(2);
const copy = join(mkdtempSync(join(tmpdir(), "immuconfig-layers-")), "tree");
try {
  copyTree(root, copy);
  const chosen = attacks(root).filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  // All of them first: what was built before stays good for it.
  const red = chosen.filter(({ test }) => !isGreen(test));
  for (const { name } of red) console.log(`RED AS IT STANDS  ${name}`);
  const wrong = chosen.filter((attack) => red.includes(attack) || !isStopped(attack));
  console.log(`${chosen.length - wrong.length} of ${chosen.length} layers are held by their test`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(join(copy, ".."), { recursive: true, force: true });
}

/** Whether its test is red without the layer. */
function isStopped({ name, test, sources }: Attack): boolean {
  const before = [...sources.keys()].map((path) => [path, readFileSync(join(root, path))] as const);
  for (const [path, text] of sources) writeFileSync(join(copy, path), text);
  const isNoticed = !isGreen(test);
  for (const [path, text] of before) writeFileSync(join(copy, path), text);
  console.log(`${isNoticed ? "red" : "NOT NOTICED"}  ${name}`);
  return isNoticed;
}

function isGreen([file, title]: Attack["test"]): boolean {
  const pattern = title.replaceAll(/[^\w ]/g, ".");
  const run = Bun.spawnSync([process.execPath, "test", file, "-t", pattern], {
    cwd: copy,
    stdio: ["ignore", "ignore", "ignore"],
    timeout: ONE_RUN_MS_MAX,
  });
  return run.exitCode === 0;
}
