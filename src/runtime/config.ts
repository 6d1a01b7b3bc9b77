/** The record of this process: found and loaded once, then handed to its children. */

import { requireFile } from "../store/find.ts";
import { handOnEnvironment } from "./children.ts";
import { load } from "./load.ts";
import { exportPin } from "./pin.ts";
import type { Config } from "./snapshot.ts";

let own: Config | undefined;

/**
 * Loads the project's record on the first call, and pins it for the children of this process.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_PIN`, `ERR_SIGNATURE`; FormatError
 */
export function processConfig(): Config {
  if (own !== undefined) return own;
  const path = requireFile({ cwd: process.cwd(), env: process.env });
  const config = load(path);
  if (exportPin(process.env, path, config.record)) handOnEnvironment();
  own = config;
  return config;
}
