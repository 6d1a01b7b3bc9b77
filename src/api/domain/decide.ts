/** Which changes a state allows. Pure: every function throws `Refusal`, or gives the change. */

import { sha256 } from "../../base/digest.ts";
import { FormatError } from "../../base/errors.ts";
import { decodeUnverified, type File, isRetired } from "../../format/file.ts";
import { letsSwitch } from "../../format/live_rule.ts";
import type { DecidedChange } from "./change.ts";
import { environmentIn, type Place } from "./places.ts";
import { Refusal } from "./refusal.ts";
import { statesOf } from "./waves.ts";
import type { Environment, Project, State } from "./state.ts";

/** The environment that somebody wants to change, as they have seen it. */
export interface Target {
  readonly place: Place;
  readonly version: number;
  /** Its newest record; nothing before the first, or where none is asked for. */
  readonly file?: File | undefined;
}

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
  const found = environmentIn(state, place);
  if (found !== undefined) return found;
  const { project, environment } = place;
  findProject(state, project);
  throw new Refusal("not-found", `project ${project} has no environment ${environment}`);
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

/**
 * The environment, as the client has seen it.
 *
 * @throws Refusal `not-found`, `stale` when it is another version
 */
export function environmentAt(state: State, { place, version }: Target): Environment {
  const environment = findEnvironment(state, place);
  if (environment.version === version) return environment;
  throw new Refusal("stale", `it is version ${environment.version} now, you have ${version}`);
}

/** @throws Refusal `frozen` */
export function requireThawed({ frozen }: Environment): void {
  if (frozen === null) return;
  throw new Refusal(
    "frozen",
    `it is frozen (${frozen.reason}): an administrator can switch flags off, and nothing else`,
  );
}

/** @param pushed a whole record file, and what it says */
export function pushRecord(
  state: State,
  target: Target,
  { bytes, file }: { readonly bytes: Uint8Array; readonly file: File },
): DecidedChange {
  const { place } = target;
  const environment = environmentAt(state, target);
  requireThawed(environment);
  const { generation } = file;
  const last = environment.records.at(-1);
  if (last !== undefined && generation <= last.generation) {
    throw new Refusal(
      "unprocessable",
      `the file is generation ${generation}; generation ${last.generation} is here already`,
    );
  }
  const digest = sha256(bytes);
  const size = bytes.byteLength;
  // Hosts refuse a set that asks for more than the record lets it.
  const consequences = [...environment.overrides.values()]
    .filter((override) => statesOf(override).some((on) => !letsSwitch(file, override.flag, on)))
    .map(({ flag }) => {
      const reason = `generation ${generation} of the record does not let it be switched so`;
      return { kind: "override.cleared", ...place, flag, reason } as const;
    });
  const change = { kind: "record.pushed", ...place, generation, digest, size } as const;
  return { change, blob: bytes, consequences };
}

/**
 * @param file the environment's newest record
 * @returns it
 * @throws Refusal `unprocessable` where it has no such flag to switch
 */
export function requireFlag(file: File | undefined, flag: string): File {
  if (file === undefined) throw new Refusal("unprocessable", "push a record first");
  if (!file.flags.some(({ name }) => name === flag)) {
    throw new Refusal("unprocessable", `the record defines no flag ${flag}`);
  }
  if (isRetired(file, flag)) throw new Refusal("unprocessable", `flag ${flag} is retired`);
  return file;
}

/**
 * A ledger in place of the one that the environment has.
 *
 * @param generation of the record that it was built with
 * @param bytes of the ledger
 */
export function keepLedger(
  state: State,
  place: Place,
  generation: number,
  bytes: Uint8Array,
): DecidedChange {
  requireThawed(findEnvironment(state, place));
  const digest = sha256(bytes);
  const size = bytes.byteLength;
  return { change: { kind: "ledger.built", ...place, generation, digest, size }, blob: bytes };
}

/**
 * The file as its bytes say; whether its signer is trusted is decided where it is used.
 *
 * @throws Refusal `unprocessable`
 */
export function readPushed(bytes: Uint8Array): File {
  try {
    return decodeUnverified(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Refusal("unprocessable", `this is no record file: ${error.message}`);
  }
}
