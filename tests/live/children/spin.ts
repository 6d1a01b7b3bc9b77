// Reads one flag in a loop that does nothing else, until it is on.
import { writeSync } from "node:fs";
import { live } from "../../../src/live/index.ts";

const READS_MAX = 2e9;

writeSync(1, "spinning\n");
let reads = 0;
while (!live.features["A"] && reads < READS_MAX) reads++;
writeSync(1, live.features["A"] ? "saw it\n" : "gave up\n");
