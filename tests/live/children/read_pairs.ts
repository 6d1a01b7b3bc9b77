// Reads states of which the writer promises that A and B are equal, at least so many times and
// until DEBUG is on. Prints what it saw.
import { writeSync } from "node:fs";
import { live } from "../../../src/live/index.ts";

const READS_MAX = 2e9;
const readsMin = Number(process.argv[2]);
let reads = 0;
let torn = 0;
let states = 0;
let last: unknown;
writeSync(1, "ready\n");
for (; reads < READS_MAX; reads++) {
  const state = live.pin();
  if (state !== last) states++;
  last = state;
  const { A, B, DEBUG } = state.features;
  if (A !== B) torn++;
  if (DEBUG === true && reads >= readsMin) break;
}
writeSync(1, `${JSON.stringify({ reads, torn, states, mode: live.mode })}\n`);
process.exit();
