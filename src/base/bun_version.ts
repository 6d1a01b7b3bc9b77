/** Which Bun will do. */

import { ImmuconfigError } from "./errors.ts";

/**
 * The lowest that will do: below it, a build's description of itself cannot be relied on. It is not in
 * `engines`, which Bun does not read, and Yarn 1 warns of one that it does not know.
 */
export const BUN_MINIMUM = "1.4.1";

/**
 * Every entry asks this, or the native library does (bun_version.zig), before it reads a record. Other
 * runtimes than Bun are not meant.
 *
 * @param version of the Bun that runs the program
 * @throws ImmuconfigError `ERR_BUN_VERSION`
 * @example requireBun("1.3.14") // throws: Bun 1.3.14 is older than 1.4.1, …
 */
export function requireBun(version: string | undefined = runningBun()): void {
  if (version === undefined || !isBelow(version, BUN_MINIMUM)) return;
  throw bunTooOld(version, BUN_MINIMUM, "immuconfig runs on", "Upgrade it: bun upgrade");
}

/**
 * A Bun is too old (code `ERR_BUN_VERSION`).
 *
 * @param use what a Bun of at least `minimum` is good for, after "the lowest that"
 */
export function bunTooOld(
  version: string,
  minimum: string,
  use: string,
  hint: string,
): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_BUN_VERSION",
    `Bun ${version} is older than ${minimum}, the lowest that ${use}`,
    { hint },
  );
}

/** The version of the Bun that runs this; undefined under Node. */
export function runningBun(): string | undefined {
  return typeof Bun === "undefined" ? undefined : Bun.version;
}

/** By the three numbers: a pre-release counts as its release. Plain steps, as this runs at every start. */
function isBelow(version: string, minimum: string): boolean {
  const numbers = version.split(".", 3);
  const bounds = minimum.split(".", 3);
  for (let i = 0; i < 3; i++) {
    const difference = Number.parseInt(numbers[i] ?? "0", 10) - Number(bounds[i]);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
