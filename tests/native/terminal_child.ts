// Runs inside a pseudo-terminal and reports on it, one JSON line a step.
import { spawnSync } from "node:child_process";
import { openTerminals } from "../../src/native/terminal.ts";
import { LIBRARY_PATH } from "../support/native_cores.ts";

function stty(): Record<"echo" | "icanon" | "opost", boolean> {
  const words = spawnSync("stty", ["-a"], { stdio: ["inherit", "pipe", "ignore"] })
    .stdout.toString()
    .split(/[\s;]+/);
  const has = (word: string): boolean => words.includes(word);
  return { echo: has("echo"), icanon: has("icanon"), opost: has("opost") };
}

const terminals = openTerminals(LIBRARY_PATH);
const report: unknown[] = [terminals.terminalSize(0)];
const raw = terminals.terminalInit(0, { mode: "raw", rows: 24, cols: 0 });
report.push({ rows: raw.rows, cols: raw.cols }, stty());
raw.restore();
report.push(stty());
const restore = terminals.passOutput(0);
report.push(stty());
restore();
restore();
report.push(stty());
console.log(`report ${JSON.stringify(report)}`);
