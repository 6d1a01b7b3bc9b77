/** Changes of an environment, each made to the version that the page shows. */

import { type Action, call, type Environment, pathOf } from "./client.ts";

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
  const { twoPersons, frozen } = at;
  if ((twoPersons && frozen === null) || action.kind === "end_two_persons") {
    return call(`${pathOf(at)}/requests`, { method: "POST", body: wished, version });
  }
  if (wished.at !== null) {
    return call(`${pathOf(at)}/schedules`, { method: "POST", body: wished, version });
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
