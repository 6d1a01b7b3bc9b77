// Flips A and B together again and again, and kills itself in the middle of a given write.
import { writeSync } from "node:fs";
import { readRepositoryFile } from "../../../src/live/repository.ts";
import { commitState, openSegment, recoverSegment } from "../../../src/live/segment_file.ts";
import { runtimeFolder, segmentPath } from "../../../src/live/segment_path.ts";
import { withLock } from "../../../src/store/lock.ts";

const [path = "", dieAtWrite, dieAtByte] = process.argv.slice(2);
const folder = runtimeFolder(process.env) ?? "";
const segment = segmentPath(folder, path);
const { identity } = readRepositoryFile(path, process.env);
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
    const descriptor = openSegment(segment);
    const recovered = recoverSegment(descriptor);
    if (descriptor === undefined || recovered.state === undefined) throw new Error("no segment");
    const overrideValue = recovered.state.overrideValue ^ 0b11;
    const next = { ...recovered.state, identity, overrideMask: 0b11, overrideValue };
    commitState(segment, descriptor, recovered, next, writeOrDie);
  }
});
