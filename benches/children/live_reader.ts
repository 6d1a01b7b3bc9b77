// The reader of benches/plane/click.ts: live_reader.ts FOLDER. It reads the flag BENCH_FLAG, and a bare word of the
// shared file "bare", and does nothing else; whenever one of them turns, it notes the time in the shared file "seen", or
// in the other, and counts up, until it is killed.
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
const name = process.env["BENCH_FLAG"] ?? "";
let before = live.features[name];
const bare = new SeenFile(folder, "bare");
let word = bare.bare;
seen.isReady = true;
const end = performance.now() + SPIN_MS_MAX;
while (performance.now() < end) {
  for (let i = 0; i < LOOKS_A_CLOCK; i++) {
    if (bare.bare !== word) {
      word = bare.bare;
      bare.note(monotonicNs());
    }
    const flag = live.features[name];
    if (flag === before) continue;
    before = flag;
    seen.note(monotonicNs());
  }
}
