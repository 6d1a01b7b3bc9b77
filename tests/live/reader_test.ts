/** When a reader opens a segment: opening is what a look at the files spares where it can. */

import { expect, test } from "bun:test";
import { realpathSync, rmSync } from "node:fs";
import { clockOf } from "../../src/live/clock.ts";
import { followFiles } from "../../src/live/files.ts";
import { LiveReader } from "../../src/live/reader.ts";
import { readFileAndRecord } from "../../src/live/record.ts";
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
