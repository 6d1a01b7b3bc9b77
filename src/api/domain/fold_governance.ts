/** What rules, freezes, schedules and change requests make of a state. Pure. */

import type { AuditRow } from "./audit_chain.ts";
import type { Folds } from "./fold.ts";
import { inEnvironment, without } from "./fold_environment.ts";
import type { Place } from "./places.ts";
import type { State } from "./state.ts";

export const GOVERNANCE_FOLDS: Folds<
  | "rule.set"
  | "environment.frozen"
  | "environment.thawed"
  | "schedule.created"
  | "schedule.cancelled"
  | "schedule.done"
  | "request.opened"
  | "request.approved"
  | "request.rejected"
> = {
  "rule.set": (state, change, row) =>
    inEnvironment(state, change, row, (old) => ({ ...old, twoPersons: change.twoPersons })),
  "environment.frozen": (state, change, row) =>
    inEnvironment(state, change, row, (old) => {
      const { reason } = change;
      const { time, actor } = row;
      return { ...old, frozen: { reason, time, actor } };
    }),
  "environment.thawed": (state, change, row) =>
    inEnvironment(state, change, row, (old) => ({ ...old, frozen: null })),
  "schedule.created": (state, change, row) =>
    inEnvironment(state, change, row, (old) => {
      const { action, at, reason, approved = false } = change;
      const { sequence: id, time, actor } = row;
      const schedule = { id, action, at, approved, reason, time, actor };
      return { ...old, schedules: new Map(old.schedules).set(id, schedule) };
    }),
  "schedule.cancelled": withoutSchedule,
  "schedule.done": withoutSchedule,
  "request.opened": (state, change, row) =>
    inEnvironment(state, change, row, (old) => {
      const { action, at, reason } = change;
      const { sequence: id, time, actor } = row;
      const request = { id, action, at, reason, time, actor };
      return { ...old, requests: new Map(old.requests).set(id, request) };
    }),
  "request.approved": withoutRequest,
  "request.rejected": withoutRequest,
};

function withoutSchedule(
  state: State,
  change: Place & { readonly schedule: number },
  row: AuditRow,
): State {
  return inEnvironment(state, change, row, ({ schedules, ...rest }) => {
    return { ...rest, schedules: without(schedules, change.schedule) };
  });
}

function withoutRequest(
  state: State,
  change: Place & { readonly request: number },
  row: AuditRow,
): State {
  return inEnvironment(state, change, row, ({ requests, ...rest }) => {
    return { ...rest, requests: without(requests, change.request) };
  });
}
