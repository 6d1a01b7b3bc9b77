// Prints what the native library alone answers to each line of standard input, as JSON; null for none.
import { fastGet } from "../../../src/cli/commands/record/fast_get.ts";

const lines = (await Bun.stdin.text()).split("\n").filter(Boolean);
console.log(JSON.stringify(lines.map((line) => fastGet(line.split(" ")) ?? null)));
