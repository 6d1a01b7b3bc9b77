/** A build's record for `--json`. */

import { isEnabled } from "../../../bundle/flags/build_flags.ts";
import type { BuildState } from "../../../bundle/flags/recorded_state.ts";
import type { Json } from "../../output/output.ts";

export function stateJson(state: BuildState): Readonly<Record<string, Json>> {
  const { path, recordText, flags } = state;
  const overridden: Record<string, boolean> = {};
  for (const name of state.overridden) overridden[name] = isEnabled(flags, name);
  return { file: path, record: recordText, overridden };
}
