/** Changes of an environment, each made to the version that the page shows. */

import { feature } from "bun:bundle";
import { type Action, call, type ChangeRequest, type Environment, pathOf } from "./client.ts";

/** Whether somebody else must approve a change here. */
export function needsApproval({ twoPersons, frozen }: Environment): boolean {
  return twoPersons && frozen === null;
}

export interface Wish {
  readonly action: Action;
  readonly reason: string;
  /** Milliseconds since 1970; null at once. */
  readonly at: number | null;
}

/**
 * Does what is wished for, as the environment has it: at once, at its time, or when somebody has
 * approved it.
 */
export function wish(at: Environment, wished: Wish): Promise<unknown> {
  const { version } = at;
  const { action, reason } = wished;
  if (needsApproval(at) || action.kind === "end_two_persons") {
    return call(`${pathOf(at)}/requests`, { method: "POST", body: wished, version });
  }
  if (wished.at !== null) {
    return call(`${pathOf(at)}/schedules`, { method: "POST", body: wished, version });
  }
  if (feature("PREMIUM_TYPES")) {
    const values = `${pathOf(at)}/variants/${action.flag}`;
    if (action.kind === "set_variants") {
      const { kind: _, flag: _flag, ...body } = action;
      return call(values, { method: "PUT", body: { ...body, reason }, version });
    }
    if (action.kind === "clear_variants")
      return call(withReason(values, reason), { method: "DELETE", version });
  }
  const path = `${pathOf(at)}/overrides/${action.flag}`;
  if (action.kind === "resume") {
    return call(withReason(`${path}/halt`, reason), { method: "DELETE", version });
  }
  if (action.kind === "roll_out") {
    const { enabled, until, shares, everyMs, haltIf } = action;
    const rollout = { shares, everyMs, haltIf };
    return call(path, { method: "PUT", body: { enabled, until, reason, rollout }, version });
  }
  if (action.kind === "give_back")
    return call(withReason(path, reason), { method: "DELETE", version });
  if (action.kind !== "switch") return Promise.reject(new Error(`no such change: ${action.kind}`));
  const { enabled, until } = action;
  return call(path, { method: "PUT", body: { enabled, until, reason }, version });
}

/** Needs nobody who approves: it changes no flag. */
export function haltRollout(at: Environment, flag: string, reason: string): Promise<unknown> {
  const { version } = at;
  const path = `${pathOf(at)}/overrides/${flag}/halt`;
  return call(path, { method: "PUT", body: { reason }, version });
}

export function cancelSchedule(at: Environment, id: number, reason: string): Promise<unknown> {
  const { version } = at;
  return call(withReason(`${pathOf(at)}/schedules/${id}`, reason), { method: "DELETE", version });
}

export function approve(at: Environment, id: number): Promise<unknown> {
  const { version } = at;
  const path = `${pathOf(at)}/requests/${id}/approval`;
  return call(path, { method: "POST", body: {}, version });
}

export function reject(at: Environment, id: number, reason: string): Promise<unknown> {
  const { version } = at;
  return call(withReason(`${pathOf(at)}/requests/${id}`, reason), { method: "DELETE", version });
}

/** Asks for the same change of values, made to those that the flag has now, and takes the old request back. */
export async function askAgain(at: Environment, old: ChangeRequest, reason: string): Promise<void> {
  const action = { ...old.action, against: undefined };
  const time = old.at === null || old.at <= Date.now() ? null : old.at;
  const body = { action, at: time, reason };
  const { version } = at;
  const path = `${pathOf(at)}/requests`;
  const { request } = await call<{ request: number }>(path, { method: "POST", body, version });
  // The number of a request is the version that it made.
  await reject({ ...at, version: request }, old.request, reason);
}

export function freeze(at: Environment, reason: string): Promise<unknown> {
  const { version } = at;
  return call(`${pathOf(at)}/freeze`, { method: "PUT", body: { reason }, version });
}

export function thaw(at: Environment, reason: string): Promise<unknown> {
  const { version } = at;
  return call(withReason(`${pathOf(at)}/freeze`, reason), { method: "DELETE", version });
}

/** From now on a change needs a second person. */
export function askForTwo(at: Environment, reason: string): Promise<unknown> {
  const { version } = at;
  const body = { twoPersons: true, reason };
  return call(`${pathOf(at)}/rule`, { method: "PUT", body, version });
}

function withReason(path: string, reason: string): string {
  return `${path}?${new URLSearchParams({ reason })}`;
}
