// Runs in a pseudo-terminal: times its set-up and reports one line of JSON. Arguments: how many
// pairs to measure, and how many calls a sample has.
import { dlopen } from "bun:ffi";
import { each, inside } from "../claims/row.ts";
import type { TerminalReport } from "../claims/terminal.ts";
import { native } from "../../src/native/index.ts";
import { check, compare } from "../support/measure.ts";
import { openZigLoops } from "../support/zig_loops.ts";

const [pairs = 1, count = 1] = process.argv.slice(2).map(Number);
const zig = openZigLoops();
const { symbols } = dlopen(process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6", {
  getppid: { returns: "i32" },
});
const settings = { mode: "cooked", rows: 0, cols: 80 } as const;
const session = native.terminalInit(0, settings);
check(session.rows === 31 && session.cols === 80, "the terminal has another size");
session.restore();
check(symbols.getppid() === process.ppid, "the system call answers otherwise");
check(zig.bench_terminal_init(0, 1) === 0, "there is no terminal");

const floor = each(count, () => symbols.getppid());
const report: TerminalReport = {
  readOnly: await compare(pairs, {
    subject: inside(count, (n) => zig.bench_terminal_init(0, n)),
    floor,
  }),
  withMode: await compare(pairs, {
    subject: each(count, () => native.terminalInit(0, settings).restore()),
    floor,
  }),
};
console.log(`report ${JSON.stringify(report)}`);
