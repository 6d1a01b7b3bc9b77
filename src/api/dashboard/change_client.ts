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
  const { action, reason } = wished;
  if (needsApproval(at) || action.kind === "end_two_persons") {
    return send(at, "POST", "requests", wished);
  }
  if (wished.at !== null) return send(at, "POST", "schedules", wished);
  if (feature("PREMIUM_TYPES")) {
    const values = `variants/${action.flag}`;
    if (action.kind === "set_variants") {
      const { kind: _, flag: _flag, ...body } = action;
      return send(at, "PUT", values, { ...body, reason });
    }
    if (action.kind === "clear_variants") return takeBack(at, values, reason);
  }
  const path = `overrides/${action.flag}`;
  if (action.kind === "resume") return takeBack(at, `${path}/halt`, reason);
  if (action.kind === "roll_out") {
    const { enabled, until, shares, everyMs, haltIf } = action;
    const rollout = { shares, everyMs, haltIf };
    return send(at, "PUT", path, { enabled, until, reason, rollout });
  }
  if (action.kind === "give_back") return takeBack(at, path, reason);
  if (action.kind !== "switch") return Promise.reject(new Error(`no such change: ${action.kind}`));
  const { enabled, until } = action;
  return send(at, "PUT", path, { enabled, until, reason });
}

/** Needs nobody who approves: it changes no flag. */
export function haltRollout(at: Environment, flag: string, reason: string): Promise<unknown> {
  return send(at, "PUT", `overrides/${flag}/halt`, { reason });
}

export function cancelSchedule(at: Environment, id: number, reason: string): Promise<unknown> {
  return takeBack(at, `schedules/${id}`, reason);
}

export function approve(at: Environment, id: number): Promise<unknown> {
  return send(at, "POST", `requests/${id}/approval`, {});
}

export function reject(at: Environment, id: number, reason: string): Promise<unknown> {
  return takeBack(at, `requests/${id}`, reason);
}

/** Asks for the same change of values, made to those that the flag has now, and takes the old request back. */
export async function askAgain(at: Environment, old: ChangeRequest, reason: string): Promise<void> {
  const action = { ...old.action, against: undefined };
  const time = old.at === null || old.at <= Date.now() ? null : old.at;
  const body = { action, at: time, reason };
  const { request } = await send<{ request: number }>(at, "POST", "requests", body);
  // The number of a request is the version that it made.
  await reject({ ...at, version: request }, old.request, reason);
}

export function freeze(at: Environment, reason: string): Promise<unknown> {
  return send(at, "PUT", "freeze", { reason });
}

export function thaw(at: Environment, reason: string): Promise<unknown> {
  return takeBack(at, "freeze", reason);
}

/** From now on a change needs a second person. */
export function askForTwo(at: Environment, reason: string): Promise<unknown> {
  return send(at, "PUT", "rule", { twoPersons: true, reason });
}

function send<Answer>(
  at: Environment,
  method: "POST" | "PUT",
  path: string,
  body: unknown,
): Promise<Answer> {
  return call(`${pathOf(at)}/${path}`, { method, body, version: at.version });
}

function takeBack(at: Environment, path: string, reason: string): Promise<unknown> {
  const query = new URLSearchParams({ reason });
  return call(`${pathOf(at)}/${path}?${query}`, { method: "DELETE", version: at.version });
}
