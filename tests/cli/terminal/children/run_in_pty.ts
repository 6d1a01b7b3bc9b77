// run_in_pty.ts MODE ROWS COLS COMMAND…: leaves its process number in the file "pid".
import { writeFileSync } from "node:fs";
import type { TerminalMode } from "../../../../src/format/record.ts";
import { runInPty } from "../../../../src/cli/terminal/pty.ts";

const [mode, rows, cols, ...command] = process.argv.slice(2);
const { env } = process;
writeFileSync("pid", String(process.pid));
process.exitCode = await runInPty(command, {
  cwd: process.cwd(),
  env,
  rows: Number(rows),
  cols: Number(cols),
  mode: mode as TerminalMode,
});
