/** A writer tells the segment of its own folder from those that readers have open elsewhere. */

import { expect, test } from "bun:test";
import { realpathSync } from "node:fs";
import { findPlace } from "../../src/live/place.ts";
import { findReaders, keyOf } from "../../src/live/reach.ts";
import { openLive } from "../../src/live/view.ts";
import { isLinux } from "../support/tools.ts";
import { liveProject } from "./support.ts";

test.skipIf(!isLinux)("a segment has one key, by its path and by whoever has it open", async () => {
  using project = liveProject();
  using other = liveProject();
  const { env } = project;
  const path = realpathSync(project.path);
  const place = findPlace(path, env);
  if (place === undefined) throw new Error("no place");
  expect([keyOf(place), findReaders(path)]).toEqual([undefined, []]);
  const view = await openLive(path, { env, mode: "mapped" });
  const others = await openLive(other.path, { env: other.env, mode: "mapped" });
  const key = keyOf(place);
  expect(key).toMatch(/^\d+:\d+$/);
  expect(findReaders(path)).toMatchObject([{ key, processes: [process.pid] }]);
  view.close();
  others.close();
  expect(findReaders(path)).toEqual([]);
});
