/** When a reader opens a segment: opening is what a look at the files spares where it can. */

import { expect, test } from "bun:test";
import { realpathSync, rmSync } from "node:fs";
import { clockOf } from "../../src/live/clock.ts";
import { followFiles } from "../../src/live/files.ts";
import { LiveReader } from "../../src/live/reader.ts";
import { readFileAndRecord } from "../../src/live/record.ts";
import {
  encodeSegment,
  encodeSlot,
  type NextState,
  SEGMENT_SIZE,
  SEQUENCE_WORD,
  slotOffset,
} from "../../src/live/segment.ts";
import { SegmentSource } from "../../src/live/source.ts";
import { publish } from "../../src/live/writer.ts";
import { liveProject } from "./support.ts";

test("the segment that is still at its path is kept, and another is opened once", async () => {
  using project = liveProject();
  const { env, segment } = project;
  const path = realpathSync(project.path);
  const clock = clockOf({});
  await publish(path, { env });
  const files = followFiles(path, { env, clock, mode: "polled" });
  let opened = 0;
  const counted = {
    ...files,
    openSegment() {
      opened++;
      return files.openSegment();
    },
  };
  const { record } = readFileAndRecord(path, env);
  const reader = new LiveReader({
    record,
    source: files.openSegment(),
    files: () => counted,
    clock,
  });
  for (let looks = 0; looks < 3; looks++) reader.lookAtFiles();
  expect(opened).toBe(0);
  rmSync(segment);
  await publish(path, { env });
  for (let looks = 0; looks < 3; looks++) reader.lookAtFiles();
  expect(opened).toBe(1);
  expect(reader.isUnpublished).toBe(false);
  reader.close();
  expect(reader.isUnpublished).toBe(true);
});

test("the mark of a writer at work is no reason to read the state again, its change is", async () => {
  using project = liveProject();
  const { env } = project;
  const path = realpathSync(project.path);
  await publish(path, { env });
  const { record } = readFileAndRecord(path, env);
  const [name = ""] = Object.keys(record.features);
  const state = (enabled: boolean): NextState => ({
    identity: record.identity,
    overrides: [{ name, enabled, endMs: 0 }],
  });
  const bytes = new Uint8Array(SEGMENT_SIZE);
  bytes.set(encodeSegment({ ...state(false), sequence: 2 }));
  const words = new Int32Array(bytes.buffer);
  let reads = 0;
  class CountedSource extends SegmentSource {
    override state(): ReturnType<SegmentSource["state"]> {
      reads++;
      return super.state();
    }
  }
  const clock = clockOf({ now: () => 0 });
  const source = new CountedSource({ words, isCurrent: () => true, close: () => undefined });
  const files = () => followFiles(path, { env, clock, mode: "polled" });
  const reader = new LiveReader({ record, source, files, clock });
  expect({ reads, isOn: reader.on[0], seen: reader.seen }).toEqual({ reads: 1, isOn: 0, seen: 2 });
  words[SEQUENCE_WORD] = 3;
  reader.look();
  expect({ reads, isOn: reader.on[0], seen: reader.seen }).toEqual({ reads: 1, isOn: 0, seen: 3 });
  bytes.set(encodeSlot({ ...state(true), sequence: 4 }), slotOffset(4));
  words[SEQUENCE_WORD] = 4;
  reader.look();
  expect({ reads, isOn: reader.on[0], seen: reader.seen }).toEqual({ reads: 2, isOn: 1, seen: 4 });
  // A change of which the mark was not seen, and the mark of the next.
  bytes.set(encodeSlot({ ...state(false), sequence: 6 }), slotOffset(6));
  words[SEQUENCE_WORD] = 7;
  reader.look();
  expect({ reads, isOn: reader.on[0], seen: reader.seen }).toEqual({ reads: 3, isOn: 0, seen: 7 });
});
