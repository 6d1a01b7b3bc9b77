/** A segment that is taken away while a view is open. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../../src/base/sleep.ts";
import { isAtPath } from "../../src/live/segment_file.ts";
import { liveStatus } from "../../src/live/status.ts";
import { openLive } from "../../src/live/view.ts";
import { setOverride } from "../../src/live/writer.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { liveProject } from "./support.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(20_000);

const temporaryFolder = useTemporaryFolders();

test.each(["mapped", "polled"] as const)(
  "a %s view makes it anew, with the overrides that it knew",
  async (mode) => {
    using project = liveProject();
    const { path, env, segment } = project;
    const view = await openLive(path, { env, mode });
    await setOverride(path, "A", true, { env });
    expect(view.features["A"]).toBe(true);
    rmSync(segment);
    expect(liveStatus(path, env)).toMatchObject({ condition: "missing", isPublished: false });
    while (!liveStatus(path, env).isPublished) await sleep(5);
    expect(liveStatus(path, env)).toMatchObject({
      condition: "whole",
      state: { features: { A: true, B: false }, overrides: [{ name: "A", enabled: true }] },
    });
    expect(view.features["A"]).toBe(true);
    view.close();
  },
);

test("an open file is at its path until another is, or none", () => {
  const path = join(temporaryFolder(), "segment");
  writeFileSync(path, "one");
  const descriptor = openSync(path, "r");
  try {
    expect(isAtPath(descriptor, path)).toBe(true);
    rmSync(path);
    expect(isAtPath(descriptor, path)).toBe(false);
    writeFileSync(path, "one");
    expect(isAtPath(descriptor, path)).toBe(false);
    expect(readFileSync(descriptor, "utf8")).toBe("one");
  } finally {
    closeSync(descriptor);
  }
});
