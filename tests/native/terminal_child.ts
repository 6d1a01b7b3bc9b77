// Runs inside a pseudo-terminal and reports on it, one JSON line a step.
import { spawnSync } from "node:child_process";
import { openCores } from "../support/native_cores.ts";

function stty(): { echo: boolean; lines: boolean } {
  const words = spawnSync("stty", ["-a"], { stdio: ["inherit", "pipe", "ignore"] })
    .stdout.toString()
    .split(/[\s;]+/);
  return { echo: words.includes("echo"), lines: words.includes("icanon") };
}

const core = openCores().find(({ backend }) => backend === process.argv[2]);
if (core === undefined) throw new Error(`no core ${process.argv[2]}`);
const report: unknown[] = [core.terminalSize(0)];
const raw = core.terminalInit(0, { mode: "raw", rows: 24, cols: 0 });
report.push({ rows: raw.rows, cols: raw.cols }, stty());
raw.restore();
report.push(stty());
console.log(`report ${JSON.stringify(report)}`);
