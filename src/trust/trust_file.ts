/** The file that says whose signatures count: `trust.json`, version 1. Pure. */

import { ImmuconfigError, valueError } from "../base/errors.ts";
import { TRUST_KEY_COUNT_MAX, TRUST_PROJECT_COUNT_MAX } from "../base/limits.ts";
import { quote } from "../base/text.ts";
import { hexBytes } from "../format/bytes.ts";
import { isDate, isPlainText } from "../format/meta.ts";
import { isObject, parseJsonObject } from "../base/json.ts";
import { parsePublicKey } from "./file_signature.ts";

/** `record` keys sign files; `online` keys only switch flags for a while. */
export type KeyRole = "record" | "online";

export interface TrustedKey {
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly role: KeyRole;
  /** What the user calls it. */
  readonly name?: string;
  /** The last day on which it counts, `YYYY-MM-DD`. */
  readonly until?: string;
}

interface RevokedKey {
  readonly publicKey: Uint8Array;
  /** `YYYY-MM-DD` */
  readonly on: string;
  /** Of one that signed no files; without it, it may have signed some. */
  readonly role?: "online";
}

export interface ProjectTrust {
  /** Stays the same when keys change, so that what was seen of the project is kept. */
  readonly id: string;
  /** The name that the signed file must carry. */
  readonly project: string;
  /** Absolute, without symbolic links: every file in or below them must be signed for it. */
  readonly folders: readonly string[];
  /** How many different record keys must have signed. */
  readonly threshold: number;
  /** The file must be meant for this audience, where there is one. */
  readonly audience?: string;
  readonly keys: readonly TrustedKey[];
  readonly revoked: readonly RevokedKey[];
}

/** Any project: of keys that a variable names without one. No project in a file is called so. */
export const ANY_PROJECT = "*";

const VERSION = 1;
const TEXT_SIZE_MAX = 214;
const ID = /^[0-9a-f]{32}$/;

/**
 * @param file its path, for messages
 * @throws ImmuconfigError `ERR_VALUE`: nobody is trusted by a file that is not understood whole
 */
export function parseTrustFile(text: string, file: string): ProjectTrust[] {
  const whole = members(parseJsonObject(text), file, ["version", "projects"]);
  if (whole["version"] !== VERSION) throw fault(file, `version is not ${VERSION}`);
  return list(whole["projects"], `${file}: projects`, TRUST_PROJECT_COUNT_MAX).map((project, i) =>
    readProject(project, `${file}: projects[${i}]`),
  );
}

export function encodeTrustFile(projects: readonly ProjectTrust[]): string {
  const json = {
    version: VERSION,
    projects: projects.map(({ keys, revoked, ...rest }) => ({
      ...rest,
      keys: keys.map(({ publicKey, ...key }) => ({ key: hexBytes(publicKey), ...key })),
      revoked: revoked.map(({ publicKey, ...key }) => ({ key: hexBytes(publicKey), ...key })),
    })),
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

/**
 * A project's entry before it is written, so that nobody is told afterwards that the file is broken.
 *
 * @throws ImmuconfigError `ERR_VALUE` for more than an entry holds
 */
export function requireRoom({ project, keys, revoked, folders }: ProjectTrust): void {
  const forget = "Forget the project, and trust anew: bun-config trust remove --project.";
  const parts = [
    [keys, "trusted keys", TRUST_KEY_COUNT_MAX, "Remove one: bun-config trust remove KEY."],
    [revoked, "revoked keys", TRUST_KEY_COUNT_MAX, forget],
    [folders, "folders", TRUST_PROJECT_COUNT_MAX, forget],
  ] as const;
  for (const [items, what, countMax, hint] of parts) {
    if (items.length <= countMax) continue;
    throw valueError(`${quote(project)} has ${countMax} ${what}, and no room for more`, hint);
  }
}

function readProject(value: unknown, where: string): ProjectTrust {
  const names = ["id", "project", "folders", "threshold", "audience", "keys", "revoked"];
  const { id, threshold, ...json } = members(value, where, names);
  const keys = list(json["keys"], `${where}.keys`, TRUST_KEY_COUNT_MAX).map((key, i) =>
    readKey(key, `${where}.keys[${i}]`),
  );
  const revoked = list(json["revoked"], `${where}.revoked`, TRUST_KEY_COUNT_MAX).map((key, i) =>
    readRevoked(key, `${where}.revoked[${i}]`),
  );
  const folders = list(json["folders"], `${where}.folders`, TRUST_PROJECT_COUNT_MAX).map((folder) =>
    plainText(folder, `${where}.folders`, 4096),
  );
  if (typeof id !== "string" || !ID.test(id)) throw fault(where, "its id is malformed");
  if (typeof threshold !== "number" || !Number.isInteger(threshold) || threshold < 1) {
    throw fault(where, "its threshold is no whole number from 1 on");
  }
  const project = plainText(json["project"], `${where}.project`);
  if (project === ANY_PROJECT) throw fault(where, "its project has no name");
  return {
    id,
    project,
    folders,
    threshold,
    ...optionalText(json, "audience", where),
    keys,
    revoked,
  };
}

function readKey(value: unknown, where: string): TrustedKey {
  const json = members(value, where, ["key", "role", "name", "until"]);
  const { key, role } = json;
  if (role !== "record" && role !== "online") throw fault(where, "its role is unknown");
  const { until } = optionalText(json, "until", where);
  if (until !== undefined && !isDate(until)) throw fault(where, "its last day is no date");
  return {
    publicKey: parsePublicKey(plainText(key, where)),
    role,
    ...optionalText(json, "name", where),
    ...(until === undefined ? {} : { until }),
  };
}

function readRevoked(value: unknown, where: string): RevokedKey {
  const { key, on, role } = members(value, where, ["key", "on", "role"]);
  const day = plainText(on, where);
  if (!isDate(day)) throw fault(where, "its day is no date");
  if (role !== undefined && role !== "online") throw fault(where, "its role is unknown");
  return {
    publicKey: parsePublicKey(plainText(key, where)),
    on: day,
    ...(role === undefined ? {} : { role }),
  };
}

/** The members of an object that has no others. */
function members(value: unknown, where: string, names: readonly string[]): Record<string, unknown> {
  if (!isObject(value)) throw fault(where, "it is no object");
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) throw fault(where, `its member ${quote(unknown)} is unknown`);
  return value;
}

function list(value: unknown, where: string, countMax: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= countMax) return value;
  throw fault(where, `it is no list of at most ${countMax}`);
}

function plainText(value: unknown, where: string, sizeMax = TEXT_SIZE_MAX): string {
  if (typeof value === "string" && isPlainText(value, sizeMax)) return value;
  throw fault(where, "it is no plain text");
}

function optionalText<K extends string>(
  json: Record<string, unknown>,
  key: K,
  where: string,
): { readonly [Key in K]?: string } {
  const value = json[key];
  if (value === undefined) return {};
  return { [key]: plainText(value, `${where}.${key}`) } as { readonly [Key in K]?: string };
}

function fault(where: string, what: string): ImmuconfigError {
  return new ImmuconfigError("ERR_VALUE", `${where}: ${what}`, {
    hint: "Restore the file, or take it away and trust anew: bun-config trust add.",
  });
}
