/** What the user accepts. A record has no say in it: it comes with a clone, and anybody can write one. */

import { ImmuconfigError, valueError } from "../base/errors.ts";
import type { Environment } from "../base/environment.ts";
import { parseJsonObject } from "../base/json.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../base/limits.ts";
import { configFolder } from "../base/user_folders.ts";
import { quote } from "../base/text.ts";
import { canonicalRegistryUrl } from "../format/registry_url.ts";
import { readTrustedFile } from "../trust/owned_file.ts";
import type { UpgradePolicy } from "./policy.ts";

/** Registries, by their canonical URLs. */
export interface Acceptance {
  /** May bring programs from outside the project. */
  readonly registries: readonly string[];
  /** Their releases are taken without a signature. */
  readonly unsigned: readonly string[];
}

/** How a record stands to the user and to the program that is to be replaced. */
export interface RecordStanding {
  /** It is signed by a key that the user trusts. */
  readonly isTrusted: boolean;
  /** The program is a dependency of the record's own project. */
  readonly isOwnProgram: boolean;
}

const FILE_NAME = "upgrade.json";
const MEMBERS = ["registries", "unsigned"] as const;

/**
 * What the user's own file accepts: `{"registries": [URL], "unsigned": [URL]}`.
 *
 * @throws ImmuconfigError `ERR_READ` for a file that others could have written, `ERR_VALUE` for one
 * that cannot be understood
 */
export function readAcceptance(env: Environment): Acceptance {
  const none = { registries: [], unsigned: [] };
  const folder = configFolder(env);
  if (folder === undefined) return none;
  const path = `${folder}/${FILE_NAME}`;
  const text = readTrustedFile(path, SETTINGS_FILE_SIZE_MAX);
  if (text === undefined) return none;
  const value = parseJsonObject(text);
  if (value === undefined) throw fileError(path, "it is no JSON object");
  const unknown = Object.keys(value).find((key) => !MEMBERS.some((member) => member === key));
  if (unknown !== undefined) throw fileError(path, `it has a member ${quote(unknown)}`);
  return {
    registries: urlsOf(value, "registries", path),
    unsigned: urlsOf(value, "unsigned", path),
  };
}

/**
 * What remains of a record's policy once the user was asked.
 *
 * @throws ImmuconfigError `ERR_SIGNATURE` for a registry that only an untrusted record names, for a
 * program outside its project
 */
export function acceptPolicy(
  policy: UpgradePolicy,
  { registries, unsigned }: Acceptance,
  { isTrusted, isOwnProgram }: RecordStanding,
  filePath: string | undefined,
): UpgradePolicy {
  const { registry } = policy;
  const isAccepted =
    isTrusted || isOwnProgram || registries.includes(registry) || unsigned.includes(registry);
  if (!isAccepted) {
    throw new ImmuconfigError(
      "ERR_SIGNATURE",
      `${filePath ?? "the record"} names the registry ${registry}, but is not signed by a key that ` +
        `you trust, and the program is no part of its project`,
      { hint: `If you trust that registry, say so: --registry ${registry}` },
    );
  }
  const unsignedRegistries = isTrusted ? [...policy.unsignedRegistries, ...unsigned] : unsigned;
  return { ...policy, unsignedRegistries };
}

function urlsOf(value: Record<string, unknown>, member: string, path: string): string[] {
  const urls = value[member] ?? [];
  if (!Array.isArray(urls)) throw fileError(path, `"${member}" is no list`);
  return urls.map((url: unknown) => {
    if (typeof url !== "string")
      throw fileError(path, `"${member}" holds something else than URLs`);
    return canonicalRegistryUrl(url);
  });
}

function fileError(path: string, what: string): ImmuconfigError {
  return valueError(
    `${path}: ${what}`,
    'The form is {"registries": ["URL"], "unsigned": ["URL"]}.',
  );
}
