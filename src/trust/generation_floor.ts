/**
 * The newest generation of a project that this user has seen signed: an older file is a replay. Each
 * is an empty file named by its number, so that a floor only rises, whoever writes at the same time.
 */

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../base/digest.ts";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { cannotRead, cannotWrite, isMissing } from "../base/fs_errors.ts";
import { stateFolder } from "../base/user_folders.ts";
import { createFile } from "../store/durable_write.ts";
import type { File } from "../format/file.ts";
import type { TrustPolicy } from "./trust_policy.ts";
import { ANY_PROJECT } from "./trust_file.ts";

const NAME = /^(\d{10})-([0-9a-f]{16})$/;
const OWN = { mode: 0o600 };

/** What is known of the newest file that was believed. */
interface Floor {
  readonly generation: number;
  /** The first 8 bytes of SHA-256 of the project's name. */
  readonly project: string;
}

export interface FloorVerdict {
  /** The generation below which files are refused from now on. */
  readonly floor: number;
  /** The floor is kept: not so for a user without a home, or on a disk that cannot be written. */
  readonly floorKept: boolean;
}

/** What this process has seen, by folder: nothing that another process does changes its view. */
const seen = new Map<string, Floor>();

/**
 * Checks a signed file against the floor of its project, and raises that by one that is there.
 *
 * @param place the file's real path, where it has one
 * @param isThere whether the file is at its place, and not still to be written there
 * @throws ImmuconfigError `ERR_SIGNATURE` for an older file, or another project's in its place; `ERR_READ`
 */
export function checkFloor(
  { generation, meta }: File,
  policy: TrustPolicy,
  place: string | undefined,
  env: Environment,
  isThere: boolean,
): FloorVerdict {
  const folder = floorFolder(policy, place, env);
  if (folder === undefined) return { floor: generation, floorKept: false };
  const own = { generation, project: projectHash(meta.project) };
  const floor = readFloor(folder);
  if (floor !== undefined && floor.project !== own.project) {
    throw floorError(
      `the file is signed for ${meta.project ?? "no project"}, and another project's was here before`,
      "Restore this project's own file from git. If the project was renamed: bun-config trust lower.",
    );
  }
  if (floor !== undefined && generation < floor.generation) {
    throw floorError(
      `the file is of generation ${generation}, and ${floor.generation} was seen signed: it is an older one`,
      "Restore the newest from git. To go back on purpose: bun-config trust lower.",
    );
  }
  if (floor?.generation === generation) return { floor: generation, floorKept: true };
  return { floor: generation, floorKept: isThere && raiseFloor(folder, own) };
}

/**
 * Lets an older file, or a renamed project's, be believed again: a decision of the user.
 *
 * @throws ImmuconfigError `ERR_WRITE`
 */
export function forgetFloor(
  policy: TrustPolicy,
  place: string | undefined,
  env: Environment,
): void {
  const folder = floorFolder(policy, place, env);
  if (folder === undefined) return;
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (cause) {
    throw cannotWrite(folder, cause, { doing: "remove" });
  }
  seen.delete(folder);
}

function readFloor(folder: string): Floor | undefined {
  const known = seen.get(folder);
  if (known !== undefined) return known;
  const newest = floorNames(folder).toSorted().at(-1);
  const [, generation, project] = NAME.exec(newest ?? "") ?? [];
  if (generation === undefined || project === undefined) return undefined;
  const floor = { generation: Number(generation), project };
  seen.set(folder, floor);
  return floor;
}

function raiseFloor(folder: string, floor: Floor): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    createFile(join(folder, fileName(floor)), new Uint8Array(), OWN);
    for (const name of floorNames(folder)) {
      if (name < fileName(floor)) rmSync(join(folder, name), { force: true });
    }
  } catch (error) {
    // Another process was faster, or nothing can be kept here.
    if (!(error instanceof ImmuconfigError && error.code === "ERR_EXISTS")) return false;
  }
  seen.set(folder, floor);
  return true;
}

/** One folder for each project that is trusted by name, or else for each place. */
function floorFolder(
  { trust }: TrustPolicy,
  place: string | undefined,
  env: Environment,
): string | undefined {
  const state = stateFolder(env);
  if (state === undefined) return undefined;
  if (trust.project !== ANY_PROJECT) return join(state, "floors", trust.id);
  if (place === undefined) return undefined;
  const id = sha256(`${trust.id} ${place}`).slice(0, 32);
  return join(state, "floors", id);
}

/** A process reads the same project again and again. */
let lastProject: { readonly name: string; readonly hash: string } | undefined;

function projectHash(name = ""): string {
  if (lastProject?.name !== name) lastProject = { name, hash: sha256(name).slice(0, 16) };
  return lastProject.hash;
}

function fileName({ generation, project }: Floor): string {
  return `${String(generation).padStart(10, "0")}-${project}`;
}

function floorNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => NAME.test(name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw cannotRead(folder, error);
  }
}

function floorError(message: string, hint: string): ImmuconfigError {
  return new ImmuconfigError("ERR_SIGNATURE", message, { hint });
}
