// The reader of benches/bounds/live.ts: flip_reader.ts FOLDER. It waits for the flag A to turn, then for a bare
// word of the shared file "seen", and so on until it is killed; each time it notes there when it saw it.
import { join } from "node:path";
import { openLive } from "../../src/live/view.ts";
import { monotonicNs } from "../support/clock.ts";
import { SeenFile } from "../support/seen_file.ts";

/** It is killed before; this bounds it where the other process has died. */
const SPIN_MS_MAX = 300_000;
const LOOKS_A_CLOCK = 1_000_000;

const [folder = ""] = process.argv.slice(2);
const seen = new SeenFile(folder);
const live = await openLive(join(folder, "bunfig.lockb"), { env: process.env });
let flag = live.features["A"];
let word = seen.bare;
seen.isReady = true;
const end = performance.now() + SPIN_MS_MAX;
for (let isFlag = true; performance.now() < end;) {
  if (isFlag ? sawFlag() : sawWord()) isFlag = !isFlag;
}

// Two loops, so that the compiler makes of each what it would be in a program of its own.
function sawFlag(): boolean {
  for (let i = 0; i < LOOKS_A_CLOCK; i++) {
    const now = live.features["A"];
    if (now === flag) continue;
    seen.note(monotonicNs());
    flag = now;
    return true;
  }
  return false;
}

function sawWord(): boolean {
  for (let i = 0; i < LOOKS_A_CLOCK; i++) {
    const now = seen.bare;
    if (now === word) continue;
    seen.note(monotonicNs());
    word = now;
    return true;
  }
  return false;
}
