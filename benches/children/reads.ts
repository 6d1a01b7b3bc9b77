// One process's share of the shortest times: reports one line of JSON. With --quick it measures
// little.
import { flagRows } from "../claims/flags.ts";
import { readRows } from "../claims/reads.ts";
import { QUICK, SHARE } from "../claims/row.ts";
import { openZigLoops } from "../support/zig_loops.ts";

const effort = process.argv.includes("--quick") ? QUICK : SHARE;
const zig = openZigLoops();
console.log(JSON.stringify([...(await readRows(effort, zig)), ...(await flagRows(effort, zig))]));
