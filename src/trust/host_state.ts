/** Which hosts a wave has reached. Apart from the set, which a server signs without asking. */

import { bucketOf } from "../base/bucket.ts";
import { WHOLE_SHARE } from "../base/shares.ts";
import type { OverrideSet, SignedOverride } from "./override_set.ts";

/**
 * What an override makes of a flag on one host: nothing where its wave has not reached the host, and
 * the others are as their record says.
 *
 * @param host its name, as the server is told it
 */
export function stateOn(
  { project, environment }: Pick<OverrideSet, "project" | "environment">,
  { flag, enabled, wave }: SignedOverride,
  host: string,
): boolean | null {
  if (wave === undefined) return enabled;
  const { salt, share, rest } = wave;
  const key = `${project}/${environment}/${flag}/${salt}/${host}`;
  return bucketOf(key, WHOLE_SHARE) < share ? enabled : rest;
}
