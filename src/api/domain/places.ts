/** Environments by where in the server they are, and which ones rows of the audit log are about. Pure. */

import type { AuditRow } from "./audit_chain.ts";
import type { Environment, State } from "./state.ts";

/** Where in the server: a project's environment. */
export interface Place {
  readonly project: string;
  readonly environment: string;
}

/** What maps have it under. */
export function placeName({ project, environment }: Place): string {
  return `${project}/${environment}`;
}

export function environmentIn(
  { projects }: State,
  { project, environment }: Place,
): Environment | undefined {
  return projects.get(project)?.environments.get(environment);
}

export function allPlaces({ projects }: State): Place[] {
  return [...projects.values()].flatMap(({ name: project, environments }) =>
    [...environments.keys()].map((environment) => ({ project, environment })),
  );
}

/** Each once. */
export function changedPlaces(rows: readonly AuditRow[]): Place[] {
  const places = new Map<string, Place>();
  for (const { change } of rows) {
    // A token names a place without changing it.
    if (!("environment" in change) || change.kind === "token.created") continue;
    const { project, environment } = change;
    places.set(placeName(change), { project, environment });
  }
  return [...places.values()];
}
