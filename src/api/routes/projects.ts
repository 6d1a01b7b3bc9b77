/** Projects and their environments. */

import { feature } from "bun:bundle";
import * as v from "valibot";
import {
  createEnvironment,
  createProject,
  findEnvironment,
  findProject,
} from "../domain/decide.ts";
import { flagStates } from "../domain/flags.ts";
import { json, versionTag } from "../http/answers.ts";
import { authorize, may, maySee } from "../auth/callers.ts";
import { governanceView } from "./governance_view.ts";
import { callerOf, paramOf, placeOf, type Route, route } from "../http/route.ts";
import {
  EnvironmentView,
  HistoryEntry,
  Name,
  NewEnvironment,
  NewProject,
} from "../http/schemas.ts";
import { EnvironmentWithVariants } from "../http/variant_schemas.ts";

const PROJECT_PATH = "/v1/projects/:project";
export const ENVIRONMENT_PATH = `${PROJECT_PATH}/environments/:environment`;

export const PROJECT_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/projects",
    summary: "List the projects that the caller may see something of",
    role: "any",
    status: 200,
    answer: { description: "Their names", schema: v.object({ projects: v.array(Name) }) },
    run(call) {
      const caller = callerOf(call);
      return json({
        projects: [...call.state.projects.keys()].filter((name) => maySee(caller, name)),
      });
    },
  }),
  route({
    method: "POST",
    path: "/v1/projects",
    summary: "Create a project",
    role: "admin",
    body: NewProject,
    status: 201,
    answer: { description: "It was created", schema: NewProject },
    async run(call) {
      const { project } = call.body;
      await call.change((state) => createProject(state, project));
      return json({ project }, 201, { location: `/v1/projects/${project}` });
    },
  }),
  route({
    method: "GET",
    path: PROJECT_PATH,
    summary: "List the environments of a project that the caller may see",
    role: "any",
    status: 200,
    answer: {
      description: "Their names",
      schema: v.object({ project: Name, environments: v.array(Name) }),
    },
    run(call) {
      const project = paramOf(call, "project");
      const caller = callerOf(call);
      if (!maySee(caller, project)) authorize(caller, "reader", { project, environment: null });
      const environments = [...findProject(call.state, project).environments.keys()].filter(
        (environment) => may(caller, "reader", { project, environment }),
      );
      return json({ project, environments });
    },
  }),
  route({
    method: "POST",
    path: `${PROJECT_PATH}/environments`,
    summary: "Create an environment of a project",
    role: "admin",
    body: NewEnvironment,
    status: 201,
    answer: { description: "It was created", schema: NewEnvironment },
    async run(call) {
      const place = { ...placeOf(call), environment: call.body.environment };
      await call.change((state) => createEnvironment(state, place));
      return json(call.body, 201);
    },
  }),
  route({
    method: "GET",
    path: ENVIRONMENT_PATH,
    summary: "Show an environment: its newest record, and its flags as programs see them",
    role: "reader",
    status: 200,
    answer: {
      description: "The environment",
      schema: feature("PREMIUM_TYPES") ? EnvironmentWithVariants : EnvironmentView,
    },
    async run(call) {
      const place = placeOf(call);
      const environment = findEnvironment(call.state, place);
      const found = await call.services.files.newest(environment);
      const flags = found === undefined ? [] : flagStates(found.file, environment, call.now);
      const { version, records, twoPersons, ledger } = environment;
      const shown = feature("PREMIUM_TYPES")
        ? flags.map((flag) => ({ ...flag, variants: environment.variants?.get(flag.name) ?? null }))
        : flags;
      const record = records.at(-1) ?? null;
      const governed = governanceView(call, environment);
      return json(
        { ...place, version, record, ledger, twoPersons, ...governed, flags: shown },
        200,
        {
          etag: versionTag(version),
        },
      );
    },
  }),
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/history`,
    summary: "Show what changed an environment last, the newest first",
    role: "reader",
    status: 200,
    answer: {
      description: "At most 100 rows",
      schema: v.object({ history: v.array(HistoryEntry) }),
    },
    run(call) {
      const { state } = call;
      const history = findEnvironment(state, placeOf(call)).history.map((row) => {
        const { sequence, time, actor, change } = row;
        const by = state.actors.get(actor)?.name ?? actor;
        return { sequence, time, by, change };
      });
      return json({ history });
    },
  }),
];
