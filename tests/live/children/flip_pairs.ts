// Flips A and B together again and again, and kills itself in the middle of a given write.
import { writeSync } from "node:fs";
import { requirePlace } from "../../../src/live/place.ts";
import { Segment } from "../../../src/live/segment_file.ts";
import { withLock } from "../../../src/store/lock.ts";

const [path = "", dieAtWrite, dieAtByte] = process.argv.slice(2);
const { folder, segment: segmentPath } = requirePlace(path, process.env);
let writes = 0;

function writeOrDie(descriptor: number, bytes: Uint8Array, offset: number): void {
  if (writes++ === Number(dieAtWrite)) {
    writeSync(descriptor, bytes, 0, Math.min(Number(dieAtByte), bytes.length), offset);
    process.kill(process.pid, "SIGKILL");
  }
  writeSync(descriptor, bytes, 0, bytes.length, offset);
}

await withLock(folder, () => {
  for (;;) {
    const segment = Segment.open(segmentPath);
    const { state } = segment.recovered;
    if (state === undefined) throw new Error("no segment");
    const enabled = state.overrides[0]?.enabled !== true;
    const overrides = ["A", "B"].map((name) => ({ name, enabled, endMs: 0 }));
    segment.commit({ ...state, overrides }, writeOrDie);
    segment.close();
  }
});
