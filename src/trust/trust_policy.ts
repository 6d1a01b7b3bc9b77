/** What a file must satisfy to be believed: found by where it lies, or by what it calls itself. Pure. */

import { ImmuconfigError } from "../base/errors.ts";
import { hexBytes } from "../format/bytes.ts";
import type { Signature } from "../format/header.ts";
import { keyIdText } from "./file_signature.ts";
import { ANY_PROJECT, type KeyRole, type ProjectTrust, type TrustedKey } from "./trust_file.ts";
import type { TrustSource } from "./trust_store.ts";

export interface TrustPolicy {
  /** The file or variable that says so. */
  readonly source: string;
  readonly trust: ProjectTrust;
}

/** The policy for a place, whatever the file there says. */
export function policyOfPlace(
  path: string,
  sources: readonly TrustSource[],
): TrustPolicy | undefined {
  for (const { name, projects } of sources) {
    let deepest = -1;
    let found: ProjectTrust | undefined;
    for (const trust of projects) {
      const depth = depthOf(path, trust);
      if (depth === undefined || depth <= deepest) continue;
      [deepest, found] = [depth, trust];
    }
    if (found !== undefined) return { source: name, trust: found };
  }
  return undefined;
}

/**
 * The policy for a project by its name, where the place has none.
 *
 * @throws ImmuconfigError `ERR_SIGNATURE` where a source that stands for the whole machine does not
 * know the project
 */
export function policyOfName(
  project: string | undefined,
  sources: readonly TrustSource[],
): TrustPolicy | undefined {
  for (const { name, projects, strict } of sources) {
    const trust = projects.find(
      (candidate) => candidate.project === project || candidate.project === ANY_PROJECT,
    );
    if (trust !== undefined) return { source: name, trust };
    if (!strict) continue;
    throw new ImmuconfigError(
      "ERR_SIGNATURE",
      `${name} trusts no key for ${project === undefined ? "a project without a name" : project}`,
      { hint: "Add the project to the trust file of this machine." },
    );
  }
  return undefined;
}

/**
 * The sources with what they say about signed files. Who trusts a key for switches alone has said nothing of them; a
 * strict source refuses what it does not know all the same.
 */
export function signerSources(sources: readonly TrustSource[]): TrustSource[] {
  return sources.map((source) =>
    source.strict ? source : { ...source, projects: source.projects.filter(saysWhoSigns) },
  );
}

/** Whether files of the project must be signed: none of them is believed unsigned then. */
export function saysWhoSigns({ keys, revoked, threshold, audience }: ProjectTrust): boolean {
  return (
    keys.some(({ role }) => role === "record") ||
    revoked.some(({ role }) => role !== "online") ||
    threshold > 1 ||
    audience !== undefined
  );
}

/** The keys of a role that count on a day. */
export function currentKeys(
  { keys, revoked }: ProjectTrust,
  role: KeyRole,
  today: string,
): TrustedKey[] {
  return keys.filter(
    ({ publicKey, until, ...key }) =>
      key.role === role &&
      (until === undefined || today <= until) &&
      !revoked.some((other) => hexBytes(other.publicKey) === hexBytes(publicKey)),
  );
}

/**
 * Why a key id does not count, and what to do, in words.
 *
 * @param signature of a file
 */
export function whyNotTrusted(
  signature: Signature,
  policy: TrustPolicy,
  today: string,
): { readonly why: string; readonly hint: string } {
  const why = reason(signature, policy, today);
  const isRevoked = policy.trust.revoked.some(isKey(hexBytes(signature.keyId)));
  const hint = isRevoked
    ? "A revoked key stays revoked: restore the file from git, or sign it with a trusted one: bun-config sign."
    : "Restore the file from git, or trust the key: bun-config trust add.";
  return { why, hint };
}

function isKey(id: string) {
  return ({ publicKey }: { publicKey: Uint8Array }): boolean => keyIdText(publicKey) === id;
}

function reason({ keyId }: Signature, { source, trust }: TrustPolicy, today: string): string {
  const id = hexBytes(keyId);
  const revoked = trust.revoked.find(isKey(id));
  if (revoked !== undefined) return `key ${id} was revoked on ${revoked.on}`;
  const key = trust.keys.find(isKey(id));
  if (key === undefined) return `key ${id} is not a trusted one in ${source}`;
  if (key.role !== "record") return `key ${id} is an ${key.role} key, which signs no files`;
  if (key.until !== undefined && today > key.until) return `key ${id} ended on ${key.until}`;
  return `key ${id} is not a trusted one in ${source}`;
}

/** How deep the trusted folder around a file is; the deepest one decides. */
function depthOf(path: string, { project, folders }: ProjectTrust): number | undefined {
  if (project === ANY_PROJECT) return 0;
  const depths = folders.filter((folder) => isBelow(path, folder)).map(({ length }) => length);
  return depths.length === 0 ? undefined : Math.max(...depths);
}

/** Whether a file is in a folder or below it; both absolute, without symbolic links. */
function isBelow(path: string, folder: string): boolean {
  return spelling(path).startsWith(`${spelling(folder).replace(/\/$/, "")}/`);
}

/** One for each path: Windows has two separators, and no case. */
function spelling(path: string): string {
  return /^(?:[A-Za-z]:|[\\/]{2})/.test(path) ? path.replaceAll("\\", "/").toLowerCase() : path;
}
