// Every figure of the first description beside what was measured and its floor: `bun run
// bench:claims`. With --write the table goes to docs/claims.md; with --quick it runs once,
// small, to show that it works.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { native } from "../src/native/index.ts";
import { buildRows } from "./claims/build.ts";
import { hashRows } from "./claims/hash.ts";
import { headerRows } from "./claims/header.ts";
import { describeMachine } from "./claims/machine.ts";
import { shortRows } from "./claims/processes.ts";
import { type ClaimRow, FULL, QUICK } from "./claims/row.ts";
import { formatMarkdown, formatText, summary } from "./claims/table.ts";
import { terminalRows } from "./claims/terminal.ts";
import { upgradeRows } from "./claims/upgrade.ts";
import { writeRows } from "./claims/writes.ts";
import { check } from "./support/measure.ts";
import { replaceMeasured } from "./support/page.ts";
import { openZigLoops } from "./support/zig_loops.ts";

const root = join(import.meta.dir, "..");
const quick = process.argv.includes("--quick");
const write = process.argv.includes("--write");
if (quick && write) throw new Error("figures of a quick run are not worth writing down");

const machine = describeMachine(new Date());
console.log(`${machine}\n`);
const rows = await measureRows();
console.log(
  `${formatText(rows)}\n\n${quick ? "A quick run: its times say nothing." : summary(rows)}`,
);
if (write) {
  const path = join(root, "docs", "claims.md");
  const parts = [`Measured on: ${machine}.`, formatMarkdown(rows), summary(rows)];
  const page = readFileSync(path, "utf8");
  writeFileSync(path, replaceMeasured(page, "bun run bench:claims --write", parts));
}

async function measureRows(): Promise<ClaimRow[]> {
  check(native.backend === "ffi", `the backend is ${native.backend}, not ffi: build lib/ first`);
  const effort = quick ? QUICK : FULL;
  const zig = openZigLoops();
  return [
    ...(await headerRows(effort, zig)),
    ...(await writeRows(effort)),
    ...(await hashRows(effort, zig)),
    ...shortRows(quick),
    ...(await terminalRows(effort)),
    ...(await buildRows(effort)),
    ...(await upgradeRows(effort, zig)),
  ];
}
