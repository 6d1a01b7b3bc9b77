/** Opens the project's record for a build. */

import { requireBun } from "../../base/bun_version.ts";
import { heededPin } from "../../runtime/pin.ts";
import { requireFile, type Surroundings } from "../../store/find.ts";
import { readConfigFile } from "../../trust/verified.ts";
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
  const path = requireFile(surroundings);
  const file = readConfigFile(path, surroundings.env);
  return chooseFlags(
    buildFlags(path, file, heededPin(surroundings.env, path, file)?.record),
    choice,
  );
}
