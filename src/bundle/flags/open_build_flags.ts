/** Opens the project's record for a build. */

import { requireBun } from "../../base/bun_version.ts";
import { loadRecord } from "../../runtime/loaded_record.ts";
import type { Surroundings } from "../../store/find.ts";
import { type BuildFlags, buildFlags, chooseFlags, type FeatureChoice } from "./build_flags.ts";

/**
 * The record that a build goes by: the one that a parent process pinned, or else the file's.
 *
 * @param choice flags that the caller sets
 * @throws ImmuconfigError `ERR_BUN_VERSION`, `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`, `ERR_PIN`, and as
 * `chooseFlags`; FormatError
 */
export function openBuildFlags(surroundings: Surroundings, choice: FeatureChoice = {}): BuildFlags {
  requireBun();
  return chooseFlags(buildFlags(loadRecord(surroundings)), choice);
}
