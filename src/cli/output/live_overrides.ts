/** How commands show the overrides of a file's live segment. */

import { ImmuconfigError } from "../../base/errors.ts";
import type { LiveOverride } from "../../live/state.ts";
import type { Context } from "../command.ts";

/**
 * The overrides that running processes see. Where the segment cannot be trusted a note says so.
 *
 * @param path of the file
 */
export async function liveOverrides(
  context: Context,
  path: string,
): Promise<readonly LiveOverride[]> {
  const { liveStatus } = await import("../../live/status.ts");
  try {
    return liveStatus(path, context.env, { now: () => context.now().getTime() }).state.overrides;
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    context.out.note(`note: live overrides are not known: ${error.message}`);
    return [];
  }
}

/** `DEBUG on until 2030-01-01T00:00:00.000Z`. */
export function overrideText({ name, enabled, endMs }: LiveOverride): string {
  const until = endMs === null ? "" : ` until ${new Date(endMs).toISOString()}`;
  return `${name} ${enabled ? "on" : "off"}${until}`;
}

export function overrideJson({ name, enabled, endMs }: LiveOverride) {
  return { name, enabled, until: endMs === null ? null : new Date(endMs).toISOString() };
}
