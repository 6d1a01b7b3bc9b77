/**
 * Whom this machine trusts about a project. What says so lies outside every project: the system's
 * file, two variables for CI, the user's file, in that order; the first that knows the project
 * decides.
 */

import { type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { sha256 } from "../base/digest.ts";
import type { Environment } from "../base/environment.ts";
import { TRUST_FILE_VARIABLE, TRUSTED_KEYS_VARIABLE, userTrustPath } from "../base/user_folders.ts";
import { valueError } from "../base/errors.ts";
import { cannotRead, isMissing } from "../base/fs_errors.ts";
import { TRUST_FILE_SIZE_MAX } from "../base/limits.ts";
import { hexBytes } from "../format/bytes.ts";
import { createFile, replaceFile } from "../store/durable_write.ts";
import { withLock } from "../store/lock.ts";
import { parsePublicKey } from "./file_signature.ts";
import { makeOwnFolder, OTHERS_WRITE, readTrustedFile, requireHome } from "./owned_file.ts";
import {
  ANY_PROJECT,
  encodeTrustFile,
  parseTrustFile,
  type ProjectTrust,
  requireRoom,
} from "./trust_file.ts";

/** A trust file, as messages name it, and what it says. */
export interface TrustSource {
  readonly name: string;
  readonly projects: readonly ProjectTrust[];
  readonly kind: "system" | "variable" | "user";
  /** What it does not know is refused: it stands for a whole machine. */
  readonly strict: boolean;
}

const FILE_NAME = "trust.json";
const KEY_COUNT_MAX = 16;
const OWN = { mode: 0o600 };

/**
 * Every source of trust, the strongest first.
 *
 * @throws ImmuconfigError `ERR_VALUE`, `ERR_READ` for a source that is there and cannot be believed:
 * then nothing is
 */
export function trustSources(env: Environment): TrustSource[] {
  const user = userTrustPath(env);
  return [
    ...fileSource(systemTrustPath(env), "system"),
    ...variableSource(env),
    ...(user === undefined ? [] : fileSource(user, "user")),
  ];
}

/**
 * Changes the user's trust, under a lock.
 *
 * @param change gives the projects as they shall be
 * @throws ImmuconfigError `ERR_NOT_FOUND` for a user without a home; `ERR_WRITE`, `ERR_BUSY`, `ERR_LOCK`, `ERR_READ`;
 * `ERR_VALUE` for a file that is not understood
 */
export async function updateUserTrust(
  env: Environment,
  change: (projects: readonly ProjectTrust[]) => readonly ProjectTrust[],
): Promise<void> {
  const path = requireHome(userTrustPath(env));
  const folder = dirname(path);
  makeOwnFolder(folder, OTHERS_WRITE);
  await withLock(folder, (descriptor) => {
    const text = readTrustedFile(path, TRUST_FILE_SIZE_MAX);
    const before = text === undefined ? [] : parseTrustFile(text, path);
    const after = change(before);
    after.forEach(requireRoom);
    const bytes = Buffer.from(encodeTrustFile(after));
    parseTrustFile(bytes.toString(), path);
    if (text === undefined) createFile(path, bytes, OWN);
    else replaceFile(path, bytes, descriptor);
  });
}

function systemTrustPath(env: Environment): string {
  if (process.platform !== "win32") return join("/etc/immuconfig", FILE_NAME);
  return join(env["ProgramData"] ?? "C:\\ProgramData", "immuconfig", FILE_NAME);
}

function variableSource(env: Environment): TrustSource[] {
  const file = env[TRUST_FILE_VARIABLE];
  const keys = env[TRUSTED_KEYS_VARIABLE];
  if (file !== undefined && keys !== undefined) {
    throw valueError(
      `${TRUST_FILE_VARIABLE} and ${TRUSTED_KEYS_VARIABLE} are both set`,
      "Unset one of them.",
    );
  }
  if (keys !== undefined) return [keysSource(keys)];
  if (file === undefined) return [];
  if (!isAbsolute(file)) {
    throw valueError(
      `${TRUST_FILE_VARIABLE} is no absolute path`,
      "Name a trust file outside the project, or unset the variable.",
    );
  }
  const source = fileSource(file, "variable");
  if (source.length > 0) return source;
  throw valueError(
    `${TRUST_FILE_VARIABLE} names ${file}, which does not exist`,
    "Unset it, or fix it.",
  );
}

/** One signature by one of these keys, whatever the project is called. */
function keysSource(value: string): TrustSource {
  if (value.trim() === "") {
    throw valueError(
      `${TRUSTED_KEYS_VARIABLE} is empty, which trusts nobody`,
      "Set it to public keys in hex, or unset it.",
    );
  }
  const texts = value.split(",");
  if (texts.length > KEY_COUNT_MAX) {
    throw valueError(
      `${TRUSTED_KEYS_VARIABLE} has more than ${KEY_COUNT_MAX} keys`,
      `Write them into a trust file, and name that: ${TRUST_FILE_VARIABLE}.`,
    );
  }
  const keys = texts.map((text) => ({
    publicKey: parsePublicKey(text.trim()),
    role: "record" as const,
  }));
  const id = sha256(keys.map(({ publicKey }) => hexBytes(publicKey)).join()).slice(0, 32);
  const project = { id, project: ANY_PROJECT, folders: [], threshold: 1, keys, revoked: [] };
  return { name: TRUSTED_KEYS_VARIABLE, projects: [project], kind: "variable", strict: true };
}

/** Whether this machine trusts keys for any project. */
export function trustsKeys(env: Environment): boolean {
  return trustSources(env).length > 0;
}

/** Changes whenever what is trusted may have changed. */
export function trustStamp(env: Environment): string {
  const files = [systemTrustPath(env), env[TRUST_FILE_VARIABLE], userTrustPath(env)].map((path) =>
    path === undefined ? "" : stampOf(path),
  );
  return [env[TRUSTED_KEYS_VARIABLE], env[TRUST_FILE_VARIABLE], ...files].join("\n");
}

interface CachedFile {
  readonly stamp: string;
  readonly projects: readonly ProjectTrust[];
}

/** By path: a program reads the same trust at every load. */
const cache = new Map<string, CachedFile>();

function fileSource(path: string, kind: TrustSource["kind"]): TrustSource[] {
  const stamp = stampOf(path);
  if (stamp === "") return [];
  let cached = cache.get(path);
  if (cached?.stamp !== stamp) {
    const text = readTrustedFile(path, TRUST_FILE_SIZE_MAX);
    if (text === undefined) return [];
    cached = { stamp, projects: parseTrustFile(text, path) };
    cache.set(path, cached);
  }
  return [{ name: path, projects: cached.projects, kind, strict: kind === "variable" }];
}

/** @returns nothing where there is no file */
function stampOf(path: string): string {
  let stat: Stats | undefined;
  try {
    stat = statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    if (isMissing(cause)) return "";
    throw cannotRead(path, cause);
  }
  return stat === undefined ? "" : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
}
