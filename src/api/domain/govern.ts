/** Which rules, freezes, schedules and change requests a state allows. Pure. */

import { feature } from "bun:bundle";
import type { File } from "../../format/file.ts";
import type { Action, Change, DecidedChange } from "./change.ts";
import { environmentAt, requireThawed, type Target } from "./decide.ts";
import type { Place } from "./places.ts";
import { Refusal } from "./refusal.ts";
import type { ChangeRequest, Environment, State } from "./state.ts";
import { changeOf, PLAN_MS_MAX, requireOnePerson, type Wish } from "./switch.ts";
import { checkWaiting, isValuesAction, toPresentValues } from "./variants.ts";

const SCHEDULE_COUNT_MAX = 64;
const REQUEST_COUNT_MAX = 64;

export interface PlannedWish extends Wish {
  /** When it is to be done; null as soon as it may be. */
  readonly at: number | null;
}

export interface Approver {
  readonly actor: string;
  readonly isAdmin: boolean;
}

/** The rule is lifted by a change request: one person alone could lift it for one change. */
export function setRule(
  state: State,
  target: Target,
  { twoPersons, reason }: { readonly twoPersons: boolean; readonly reason: string },
): DecidedChange {
  const environment = environmentAt(state, target);
  requireThawed(environment);
  if (environment.twoPersons && !twoPersons) requireOnePerson(environment);
  return { change: { kind: "rule.set", ...target.place, twoPersons, reason } };
}

export function freeze(state: State, target: Target, reason: string): DecidedChange {
  requireThawed(environmentAt(state, target));
  return { change: { kind: "environment.frozen", ...target.place, reason } };
}

export function thaw(state: State, target: Target, reason: string): DecidedChange {
  if (environmentAt(state, target).frozen === null) {
    throw new Refusal("not-found", "it is not frozen");
  }
  return { change: { kind: "environment.thawed", ...target.place, reason } };
}

export function createSchedule(
  state: State,
  target: Target,
  wish: PlannedWish & { readonly at: number },
  now: number,
): DecidedChange {
  const { place, file } = target;
  const environment = environmentAt(state, target);
  requireThawed(environment);
  requireOnePerson(environment);
  const action = waiting(environment, wish.action);
  return { change: scheduled(environment, place, file, { ...wish, action }, now) };
}

function scheduled(
  environment: Environment,
  place: Place,
  file: File | undefined,
  { action, at, reason }: PlannedWish & { readonly at: number },
  now: number,
): Extract<Change, { readonly kind: "schedule.created" }> {
  checkTime(at, now);
  if (action.kind === "end_two_persons") {
    throw new Refusal("unprocessable", "a rule is changed at once or not at all");
  }
  if (environment.schedules.size >= SCHEDULE_COUNT_MAX) {
    throw new Refusal(
      "unprocessable",
      `an environment has at most ${SCHEDULE_COUNT_MAX} schedules`,
    );
  }
  // What an override's end is given back for may not be there yet.
  if (action.kind !== "give_back" && action.kind !== "resume")
    changeOf(environment, place, file, { action, reason }, at);
  return { kind: "schedule.created", ...place, action, at, reason };
}

/** An action as it is kept until it is done. */
function waiting(environment: Environment, action: Action): Action {
  if (feature("PREMIUM_TYPES") && isValuesAction(action)) {
    checkWaiting(environment, action);
    return toPresentValues(environment, action);
  }
  return action;
}

function checkTime(at: number, now: number): void {
  if (at > now && at <= now + PLAN_MS_MAX) return;
  throw new Refusal("unprocessable", "its time (`at`) must lie ahead, and at most a year");
}

export function cancelSchedule(
  state: State,
  target: Target,
  schedule: number,
  reason: string,
): DecidedChange {
  if (!environmentAt(state, target).schedules.has(schedule)) {
    throw new Refusal("not-found", "there is no such schedule");
  }
  return { change: { kind: "schedule.cancelled", ...target.place, schedule, reason } };
}

export function openRequest(
  state: State,
  target: Target,
  wish: PlannedWish,
  now: number,
): DecidedChange {
  const { place, file } = target;
  const environment = environmentAt(state, target);
  requireThawed(environment);
  if (environment.requests.size >= REQUEST_COUNT_MAX) {
    throw new Refusal("unprocessable", `an environment has at most ${REQUEST_COUNT_MAX} requests`);
  }
  const { at, reason } = wish;
  const action = waiting(environment, wish.action);
  if (at === null) changeOf(environment, place, file, { action, reason }, now);
  else scheduled(environment, place, file, { action, at, reason }, now);
  return { change: { kind: "request.opened", ...place, action, at, reason } };
}

export function approveRequest(
  state: State,
  target: Target,
  id: number,
  approver: Approver,
  now: number,
): DecidedChange {
  const { place, file } = target;
  const environment = environmentAt(state, target);
  requireThawed(environment);
  const request = findRequest(environment, id);
  requireSecondPerson(state, request, approver.actor);
  if (request.action.kind === "end_two_persons" && !approver.isAdmin) {
    throw new Refusal("forbidden", "an administrator approves a change of the rules");
  }
  const { at } = request;
  const done =
    at === null || at <= now
      ? changeOf(environment, place, file, request, now)
      : {
          ...scheduled(environment, place, file, { ...request, at }, now),
          approved: true as const,
        };
  return { change: { kind: "request.approved", ...place, request: id }, consequences: [done] };
}

export function rejectRequest(
  state: State,
  target: Target,
  request: number,
  reason: string,
): DecidedChange {
  findRequest(environmentAt(state, target), request);
  return { change: { kind: "request.rejected", ...target.place, request, reason } };
}

function findRequest({ requests }: Environment, id: number): ChangeRequest {
  const request = requests.get(id);
  if (request === undefined) throw new Refusal("not-found", "there is no such change request");
  return request;
}

/** A token speaks for the person who made it, so it is no second one. */
function requireSecondPerson(state: State, { actor }: ChangeRequest, approver: string): void {
  if (!approver.startsWith("person:")) {
    throw new Refusal("forbidden", "a person approves, who is signed in, and no token");
  }
  const asked = personBehind(state, actor);
  if (asked === approver) throw new Refusal("forbidden", "who asks for a change cannot approve it");
  if (asked === "server") {
    throw new Refusal(
      "forbidden",
      "nobody knows who asked: ask as a person, or with a token that a person made",
    );
  }
}

/** Who made the token, or the token with which it was made. */
export function personBehind({ actors }: State, actor: string): string {
  let behind = actor;
  while (behind.startsWith("token:")) behind = actors.get(behind)?.by ?? "server";
  return behind;
}
