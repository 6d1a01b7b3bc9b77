// Runs the tests and ends with one line, `N passed, N failed, N skipped`. Arguments go to
// `bun test`. With IMMUCONFIG_NO_SKIP=1 a skipped test fails the run.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Most tests start processes, and a machine may be busy: Bun's five seconds would judge its load. */
const TIMEOUT_MS = 60_000;

const scratch = mkdtempSync(join(tmpdir(), "immuconfig-test-"));
const report = join(scratch, "junit.xml");
const run = Bun.spawnSync(
  [
    process.execPath,
    "test",
    `--timeout=${TIMEOUT_MS}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: join(import.meta.dir, ".."), stdio: ["ignore", "inherit", "inherit"] },
);

let text = "";
try {
  text = readFileSync(report, "utf8");
} catch {
  console.error("test: bun test wrote no report");
}
rmSync(scratch, { recursive: true, force: true });

const totals = text.slice(
  text.indexOf("<testsuites"),
  text.indexOf(">", text.indexOf("<testsuites")),
);
const total = count("tests");
const skipped = count("skipped");
const failed = count("failures");
console.log(`\n${total - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);

const noneMaySkip = process.env["IMMUCONFIG_NO_SKIP"] === "1";
if (noneMaySkip && skipped > 0) console.error("test: no test may be skipped in this run");
const good = run.exitCode === 0 && total > 0 && failed === 0 && !(noneMaySkip && skipped > 0);
process.exit(good ? 0 : 1);

function count(attribute: string): number {
  return Number(new RegExp(`\\s${attribute}="(\\d+)"`).exec(totals)?.[1] ?? 0);
}
