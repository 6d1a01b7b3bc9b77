/** What running processes see beside the file: the live segment and its overrides. */

import { liveStatus, type LiveStatus } from "../../../../live/status.ts";
import { overrideText } from "../../../output/live_overrides.ts";
import { type Check, type Observation, ok, warn } from "./finding.ts";

const BY_A_WRITER = "The next change mends it: bun-config live unset NAME, or set.";

const CONDITIONS: Readonly<Record<LiveStatus["condition"], Observation>> = {
  missing: ok("no process reads live flags"),
  whole: ok("the live segment is whole, and overrides nothing"),
  undone: warn("a writer of the live segment died: the state before it holds", BY_A_WRITER),
  rolledBack: warn("the live segment is damaged: the state before holds", BY_A_WRITER),
  lost: warn("the live segment is damaged, and its overrides are lost", BY_A_WRITER),
  foreign: warn("something else is in the live segment's place", BY_A_WRITER),
};

export const liveCheck: Check = {
  topic: "live",
  inspect({ project: { path }, file, env, now }) {
    if (file === undefined) return [];
    const { condition, state } = liveStatus(path, env, { now: () => now.getTime() });
    const overrides = state.overrides.map((override) =>
      warn(
        `running processes see ${overrideText(override)}, whatever the file says`,
        `The file decides again after: bun-config live unset ${override.name}`,
      ),
    );
    if (condition === "whole" && overrides.length > 0) return overrides;
    return [CONDITIONS[condition], ...overrides];
  },
};
