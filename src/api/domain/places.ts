/** Which environments rows of the audit log are about. Pure. */

import type { AuditRow } from "./audit_chain.ts";
import type { Place } from "./decide.ts";

/** Each once. */
export function changedPlaces(rows: readonly AuditRow[]): Place[] {
  const places = new Map<string, Place>();
  for (const { change } of rows) {
    // A token names a place without changing it.
    if (!("environment" in change) || change.kind === "token.created") continue;
    const { project, environment } = change;
    places.set(`${project}/${environment}`, { project, environment });
  }
  return [...places.values()];
}
