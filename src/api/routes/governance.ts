/** Who may change an environment and when: the rule of two persons, freezes, schedules, requests. */

import * as v from "valibot";
import type { Action } from "../domain/change.ts";
import { findEnvironment } from "../domain/decide.ts";
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
import type { File } from "../../format/file.ts";
import type { Decision } from "../engine.ts";
import { json, versionTag } from "../http/answers.ts";
import { actorOf, type Call, isAdminAt, placeOf, type Route, route } from "../http/route.ts";
import { Reason } from "../http/basic_schemas.ts";
import {
  Because,
  NewRequest,
  NewRule,
  NewSchedule,
  RequestEntry,
  ScheduleEntry,
} from "../http/schemas.ts";
import type { Services } from "../http/services.ts";
import { governanceView } from "./governance_view.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const FREEZE_PATH = `${ENVIRONMENT_PATH}/freeze`;
const SCHEDULES_PATH = `${ENVIRONMENT_PATH}/schedules`;
const REQUESTS_PATH = `${ENVIRONMENT_PATH}/requests`;
const WithReason = v.strictObject({ reason: Reason });

export const GOVERNANCE_ROUTES: readonly Route[] = [
  route({
    method: "PUT",
    path: `${ENVIRONMENT_PATH}/rule`,
    summary: "Ask for a second person from now on, or (where one is not needed) say so again",
    role: "admin",
    body: NewRule,
    precondition: true,
    status: 200,
    answer: { description: "The rule that holds", schema: v.object({ twoPersons: v.boolean() }) },
    async run(call) {
      const { body, version } = call;
      const etag = await change(call, (state) => setRule(state, placeOf(call), version, body));
      return json({ twoPersons: body.twoPersons }, 200, { etag });
    },
  }),
  route({
    method: "PUT",
    path: FREEZE_PATH,
    summary: "Freeze an environment: nothing but switching off, by an administrator",
    role: "admin",
    body: Because,
    precondition: true,
    status: 204,
    answer: { description: "It is frozen" },
    run: (call) =>
      done(call, (state) => freeze(state, placeOf(call), call.version, call.body.reason)),
  }),
  route({
    method: "DELETE",
    path: FREEZE_PATH,
    summary: "Thaw an environment",
    role: "admin",
    query: WithReason,
    precondition: true,
    status: 204,
    answer: { description: "It can be changed again" },
    run: (call) =>
      done(call, (state) => thaw(state, placeOf(call), call.version, call.query.reason)),
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
    run(call) {
      const environment = findEnvironment(call.state, placeOf(call));
      return json({ schedules: governanceView(call, environment).schedules });
    },
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
    async run(call) {
      requireHealthLet(call.services, call.body.action);
      const file = await newestFile(call);
      const { sequence } = await call.change((state, now) =>
        createSchedule(state, placeOf(call), call.version, file, call.body, now),
      );
      return json({ schedule: sequence }, 201, { etag: versionTag(sequence) });
    },
  }),
  route({
    method: "DELETE",
    path: `${SCHEDULES_PATH}/:schedule`,
    summary: "Take a plan back",
    role: "writer",
    query: WithReason,
    precondition: true,
    status: 204,
    answer: { description: "It will not be done" },
    run(call) {
      const id = numberOf(call, "schedule");
      return done(call, (state) =>
        cancelSchedule(state, placeOf(call), call.version, id, call.query.reason),
      );
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
    run(call) {
      const environment = findEnvironment(call.state, placeOf(call));
      return json({ requests: governanceView(call, environment).requests });
    },
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
    async run(call) {
      requireHealthLet(call.services, call.body.action);
      const file = await newestFile(call);
      const { sequence } = await call.change((state, now) =>
        openRequest(state, placeOf(call), call.version, file, call.body, now),
      );
      return json({ request: sequence }, 201, { etag: versionTag(sequence) });
    },
  }),
  route({
    method: "POST",
    path: `${REQUESTS_PATH}/:request/approval`,
    summary: "Approve a change request: it is done, or planned for its time",
    role: "writer",
    body: v.strictObject({}),
    precondition: true,
    status: 204,
    answer: { description: "It is done" },
    async run(call) {
      const place = placeOf(call);
      const file = await newestFile(call);
      const id = numberOf(call, "request");
      const approver = { actor: actorOf(call), isAdmin: isAdminAt(call, place) };
      return done(call, (state, now) =>
        approveRequest(state, place, call.version, id, file, approver, now),
      );
    },
  }),
  route({
    method: "DELETE",
    path: `${REQUESTS_PATH}/:request`,
    summary: "Reject a change request, or take it back",
    role: "writer",
    query: WithReason,
    precondition: true,
    status: 204,
    answer: { description: "It will not be done" },
    run(call) {
      const id = numberOf(call, "request");
      return done(call, (state) =>
        rejectRequest(state, placeOf(call), call.version, id, call.query.reason),
      );
    },
  }),
];

function requireHealthLet({ health }: Services, action: Action): void {
  if (action.kind === "roll_out") health.requireLet(action.haltIf);
}

/** @returns the environment's new tag */
async function change(call: Pick<Call, "change">, decide: Decision): Promise<string> {
  return versionTag((await call.change(decide)).sequence);
}

async function done(call: Pick<Call, "change">, decide: Decision): Promise<Response> {
  return new Response(null, { status: 204, headers: { etag: await change(call, decide) } });
}

async function newestFile(
  call: Pick<Call, "state" | "params" | "services">,
): Promise<File | undefined> {
  return (await call.services.files.newest(findEnvironment(call.state, placeOf(call))))?.file;
}

/** What is no number names nothing. */
function numberOf({ params }: Pick<Call, "params">, name: string): number {
  const text = params[name] ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
