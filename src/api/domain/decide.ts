/** Which changes a state allows. Pure: every function throws `Refusal`, or gives the change. */

import { FormatError } from "../../base/errors.ts";
import { decodeFile, type File, isRetired } from "../../format/file.ts";
import type { DecidedChange } from "./change.ts";
import { Refusal } from "./refusal.ts";
import type { Environment, Project, State } from "./state.ts";

/** Where in the server: a project's environment. */
export interface Place {
  readonly project: string;
  readonly environment: string;
}

/** Milliseconds: no override lasts longer than a year. */
const OVERRIDE_MS_MAX = 366 * 24 * 60 * 60 * 1000;
const OVERRIDE_COUNT_MAX = 64;
const PROJECT_COUNT_MAX = 1000;
const ENVIRONMENT_COUNT_MAX = 64;

/** @throws Refusal `not-found` */
export function findProject(state: State, name: string): Project {
  const project = state.projects.get(name);
  if (project === undefined) throw new Refusal("not-found", `there is no project ${name}`);
  return project;
}

/** @throws Refusal `not-found` */
export function findEnvironment(state: State, place: Place): Environment {
  const { environments } = findProject(state, place.project);
  const environment = environments.get(place.environment);
  if (environment === undefined) {
    const { project, environment: name } = place;
    throw new Refusal("not-found", `project ${project} has no environment ${name}`);
  }
  return environment;
}

export function createProject(state: State, project: string): DecidedChange {
  if (state.projects.has(project))
    throw new Refusal("exists", `project ${project} is there already`);
  if (state.projects.size >= PROJECT_COUNT_MAX) {
    throw new Refusal("unprocessable", `a server holds at most ${PROJECT_COUNT_MAX} projects`);
  }
  return { change: { kind: "project.created", project } };
}

export function createEnvironment(state: State, place: Place): DecidedChange {
  const { project, environment } = place;
  const { environments } = findProject(state, project);
  if (environments.has(environment)) {
    throw new Refusal("exists", `project ${project} has an environment ${environment} already`);
  }
  if (environments.size >= ENVIRONMENT_COUNT_MAX) {
    throw new Refusal(
      "unprocessable",
      `a project has at most ${ENVIRONMENT_COUNT_MAX} environments`,
    );
  }
  return { change: { kind: "environment.created", project, environment } };
}

/** @throws Refusal `stale` when the environment is not the version that the client has seen */
export function requireVersion(environment: Environment, version: number): void {
  if (environment.version === version) return;
  throw new Refusal("stale", `it is version ${environment.version} now, you have ${version}`);
}

/**
 * @param version of the environment that the client has seen
 * @param pushed a whole record file, and what it says
 */
export function pushRecord(
  state: State,
  place: Place,
  version: number,
  { bytes, file: { generation } }: { readonly bytes: Uint8Array; readonly file: File },
): DecidedChange {
  const environment = findEnvironment(state, place);
  requireVersion(environment, version);
  const last = environment.records.at(-1);
  if (last !== undefined && generation <= last.generation) {
    throw new Refusal(
      "unprocessable",
      `the file is generation ${generation}; generation ${last.generation} is here already`,
    );
  }
  const digest = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const size = bytes.byteLength;
  return { change: { kind: "record.pushed", ...place, generation, digest, size }, blob: bytes };
}

/**
 * The file as its bytes say; whether its signer is trusted is decided where it is used.
 *
 * @throws Refusal `unprocessable`
 */
export function readPushed(bytes: Uint8Array): File {
  try {
    return decodeFile(bytes, () => undefined);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Refusal("unprocessable", `this is no record file: ${error.message}`);
  }
}

export interface OverrideWish {
  readonly flag: string;
  readonly enabled: boolean;
  /** Milliseconds since 1970; null for one without an end. */
  readonly until: number | null;
  readonly reason: string;
}

/** @param file the environment's newest record */
export function setOverride(
  state: State,
  place: Place,
  version: number,
  file: File,
  wish: OverrideWish,
  now: number,
): DecidedChange {
  const environment = findEnvironment(state, place);
  requireVersion(environment, version);
  checkFlag(file, wish);
  if (wish.until !== null && (wish.until <= now || wish.until > now + OVERRIDE_MS_MAX)) {
    throw new Refusal("unprocessable", "`until` must lie ahead, and at most a year");
  }
  const { overrides } = environment;
  if (!overrides.has(wish.flag) && overrides.size >= OVERRIDE_COUNT_MAX) {
    throw new Refusal(
      "unprocessable",
      `an environment has at most ${OVERRIDE_COUNT_MAX} overrides`,
    );
  }
  return { change: { kind: "override.set", ...place, ...wish } };
}

function checkFlag(file: File, { flag, enabled }: OverrideWish): void {
  if (!file.flags.some(({ name }) => name === flag)) {
    throw new Refusal("unprocessable", `the record defines no flag ${flag}`);
  }
  if (isRetired(file, flag)) throw new Refusal("unprocessable", `flag ${flag} is retired`);
  if (file.frozen && enabled) {
    throw new Refusal("unprocessable", "the record is frozen: flags can only be switched off");
  }
}

export function clearOverride(
  state: State,
  place: Place,
  version: number,
  flag: string,
  reason: string,
): DecidedChange {
  const environment = findEnvironment(state, place);
  requireVersion(environment, version);
  if (!environment.overrides.has(flag)) {
    throw new Refusal("not-found", `flag ${flag} has no override here`);
  }
  return { change: { kind: "override.cleared", ...place, flag, reason } };
}
