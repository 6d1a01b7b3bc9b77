/** What the record says about a flag that a source uses. */

import { nearest } from "../suggest.ts";
import { type BuildRecord, usableFlags } from "./build_record.ts";
import type { Problem } from "./diagnostic.ts";

/** The fault of a use that names an unknown or a retired flag, if it is one. */
export function flagError(name: string, start: number, record: BuildRecord): Problem | undefined {
  const flag = record.flags.get(name);
  const shown = JSON.stringify(name);
  if (flag === undefined) {
    const near = nearest(name, usableFlags(record));
    return {
      rule: "unknown-flag",
      start,
      message: `${shown} is no flag of the record`,
      fix:
        near === undefined
          ? `Define it: bun-config feature define ${name}`
          : `Did you mean ${JSON.stringify(near)}?`,
    };
  }
  if (!flag.retired) return undefined;
  return {
    rule: "retired-flag",
    start,
    message: `${shown} is retired`,
    fix: "Keep the branch that is to stay and take the flag out of the source.",
  };
}

/**
 * The warning about a flag that should be gone by now.
 *
 * @param today `YYYY-MM-DD`, UTC
 */
export function flagWarning(
  name: string,
  start: number,
  record: BuildRecord,
  today: string,
): Problem | undefined {
  const expires = record.flags.get(name)?.expires;
  if (expires === undefined || expires >= today) return undefined;
  return {
    rule: "expired-flag",
    start,
    message: `${JSON.stringify(name)} expired on ${expires}`,
    fix: "Retire the flag, or give it a later date.",
  };
}
