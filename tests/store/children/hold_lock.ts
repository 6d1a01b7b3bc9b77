// Takes the lock of FOLDER, prints `held`, and keeps it until it is killed.

import { writeSync } from "node:fs";
import { withLock } from "../../../src/store/lock.ts";

const HOLD_MS = 20_000;

await withLock(process.argv[2] ?? "", () => {
  writeSync(1, "held\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HOLD_MS);
});
