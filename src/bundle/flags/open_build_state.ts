/** Opens the project's record for a build. */

import { findPin } from "../../runtime/pin.ts";
import { requireFile, type Surroundings } from "../../store/find.ts";
import { readConfigFile } from "../../trust/verified.ts";
import { buildState, type FeatureChoice } from "./build_state.ts";
import type { BuildState } from "./recorded_state.ts";
import { type RecordView, viewOfFile } from "./record_view.ts";

/**
 * Finds, reads and verifies the file.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`, `ERR_PIN`; FormatError
 */
export function openRecordView(surroundings: Surroundings): RecordView {
  const path = requireFile(surroundings);
  const file = readConfigFile(path, surroundings.env);
  return viewOfFile(path, file, findPin(surroundings.env, path)?.record);
}

/**
 * The same, with flags set by the caller.
 *
 * @throws ImmuconfigError as `openRecordView` and `buildState`; FormatError
 */
export function openBuildState(
  surroundings: Surroundings,
  features: FeatureChoice = {},
): BuildState {
  return buildState(openRecordView(surroundings), features);
}
