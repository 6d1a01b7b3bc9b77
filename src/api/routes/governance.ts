/** Who may change an environment and when: the rule of two persons, freezes, schedules, requests. */

import * as v from "valibot";
import type { Action, DecidedChange } from "../domain/change.ts";
import { findEnvironment, type Target } from "../domain/decide.ts";
import {
  approveRequest,
  cancelSchedule,
  createSchedule,
  freeze,
  openRequest,
  rejectRequest,
  setRule,
  thaw,
} from "../domain/govern.ts";
import type { State } from "../domain/state.ts";
import { json, versionTag } from "../http/answers.ts";
import {
  actorOf,
  type Call,
  isAdminAt,
  paramOf,
  placeOf,
  type Route,
  route,
} from "../http/route.ts";
import {
  Because,
  NewRequest,
  NewRule,
  NewSchedule,
  RequestEntry,
  ScheduleEntry,
} from "../http/schemas.ts";
import { environmentChange, newestFile, WithReason } from "./environment_change.ts";
import { governanceView } from "./governance_view.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const FREEZE_PATH = `${ENVIRONMENT_PATH}/freeze`;
const SCHEDULES_PATH = `${ENVIRONMENT_PATH}/schedules`;
const REQUESTS_PATH = `${ENVIRONMENT_PATH}/requests`;

export const GOVERNANCE_ROUTES: readonly Route[] = [
  route({
    method: "PUT",
    path: `${ENVIRONMENT_PATH}/rule`,
    summary: "Require a second person from now on, or (where one is not needed) say so again",
    role: "admin",
    body: NewRule,
    precondition: true,
    status: 200,
    answer: { description: "The rule that holds", schema: v.object({ twoPersons: v.boolean() }) },
    async run(call) {
      const { body, version } = call;
      const row = await call.change((state) =>
        setRule(state, { place: placeOf(call), version }, body),
      );
      return json({ twoPersons: body.twoPersons }, 200, { etag: versionTag(row.sequence) });
    },
  }),
  environmentChange({
    method: "PUT",
    path: FREEZE_PATH,
    summary: "Freeze an environment: nothing but switching off, by an administrator",
    role: "admin",
    body: Because,
    done: "It is frozen",
    decide:
      ({ body }, target) =>
      (state) =>
        freeze(state, target, body.reason),
  }),
  environmentChange({
    method: "DELETE",
    path: FREEZE_PATH,
    summary: "Thaw an environment",
    role: "admin",
    query: WithReason,
    done: "It can be changed again",
    decide:
      ({ query }, target) =>
      (state) =>
        thaw(state, target, query.reason),
  }),
  route({
    method: "GET",
    path: SCHEDULES_PATH,
    summary: "List what is planned",
    role: "reader",
    status: 200,
    answer: {
      description: "In the order in which it was planned",
      schema: v.object({ schedules: v.array(ScheduleEntry) }),
    },
    run: (call) => json({ schedules: viewOf(call).schedules }),
  }),
  route({
    method: "POST",
    path: SCHEDULES_PATH,
    summary: "Plan a change of a flag",
    role: "writer",
    body: NewSchedule,
    precondition: true,
    status: 201,
    answer: { description: "Its number", schema: v.object({ schedule: v.number() }) },
    run: (call) => opened(call, "schedule", createSchedule),
  }),
  environmentChange({
    method: "DELETE",
    path: `${SCHEDULES_PATH}/:schedule`,
    summary: "Take a plan back",
    role: "writer",
    query: WithReason,
    done: "It will not be done",
    decide(call, target) {
      const id = numberOf(call, "schedule");
      return (state) => cancelSchedule(state, target, id, call.query.reason);
    },
  }),
  route({
    method: "GET",
    path: REQUESTS_PATH,
    summary: "List the change requests that wait",
    role: "reader",
    status: 200,
    answer: {
      description: "In the order in which they were opened",
      schema: v.object({ requests: v.array(RequestEntry) }),
    },
    run: (call) => json({ requests: viewOf(call).requests }),
  }),
  route({
    method: "POST",
    path: REQUESTS_PATH,
    summary: "Ask for a change that somebody else approves",
    role: "writer",
    body: NewRequest,
    precondition: true,
    status: 201,
    answer: { description: "Its number", schema: v.object({ request: v.number() }) },
    run: (call) => opened(call, "request", openRequest),
  }),
  environmentChange({
    method: "POST",
    path: `${REQUESTS_PATH}/:request/approval`,
    summary: "Approve a change request: it is done, or planned for its time",
    role: "writer",
    body: v.strictObject({}),
    done: "It is done",
    async decide(call, target) {
      const file = await newestFile(call);
      const id = numberOf(call, "request");
      const approver = { actor: actorOf(call), isAdmin: isAdminAt(call, target.place) };
      return (state, now) => approveRequest(state, { ...target, file }, id, approver, now);
    },
  }),
  environmentChange({
    method: "DELETE",
    path: `${REQUESTS_PATH}/:request`,
    summary: "Reject a change request, or take it back",
    role: "writer",
    query: WithReason,
    done: "It will not be done",
    decide(call, target) {
      const id = numberOf(call, "request");
      return (state) => rejectRequest(state, target, id, call.query.reason);
    },
  }),
];

/** What waits from now on: its number is the row that says so. */
async function opened<Wish extends { readonly action: Action }>(
  call: Call<unknown, Wish>,
  name: "schedule" | "request",
  open: (state: State, target: Target, wish: Wish, now: number) => DecidedChange,
): Promise<Response> {
  const { body, services, version } = call;
  if (body.action.kind === "roll_out") services.health.requireLet(body.action.haltIf);
  const target = { place: placeOf(call), version, file: await newestFile(call) };
  const { sequence } = await call.change((state, now) => open(state, target, body, now));
  return json({ [name]: sequence }, 201, { etag: versionTag(sequence) });
}

function viewOf(call: Call): ReturnType<typeof governanceView> {
  return governanceView(call, findEnvironment(call.state, placeOf(call)));
}

/** What is no number names nothing. */
function numberOf(call: Pick<Call, "params">, name: string): number {
  const text = paramOf(call, name);
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
