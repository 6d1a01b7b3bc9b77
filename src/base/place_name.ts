/** Names of organisations, projects and environments at a control plane. */

import { valueError } from "./errors.ts";
import { quote } from "./text.ts";

export const PLACE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * @param what it should name: `an organisation`
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function requirePlaceName(name: string, what: string): void {
  if (PLACE_NAME.test(name)) return;
  throw valueError(
    `${quote(name)} is no name of ${what}`,
    "Names are lower-case letters, digits and dashes, at most 63.",
  );
}
