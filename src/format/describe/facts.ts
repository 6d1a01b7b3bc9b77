/** What a file says, as named words: for diffs, histories and people. Pure. */

import { sha256 } from "../../base/digest.ts";
import { hex32, hexBytes } from "../bytes.ts";
import { type File, flagMeta, registryUrl } from "../file.ts";
import { bitsOf, hasFlag } from "../flag_set.ts";
import type { FlagEntry } from "../flags.ts";
import { PACKAGE_RECORD_SIZE } from "../layout.ts";
import { DEFAULT_SCOPE } from "../meta.ts";

/** The fact that every write changes. */
export const GENERATION_FACT = "generation";

/**
 * Names and values in a fixed order. Two files with the same facts hold the same bytes, but for
 * those of a signature; no fact speaks of an offset.
 *
 * @example describeFile(file).get("features.DEBUG") // "on"
 */
export function describeFile(file: File): ReadonlyMap<string, string> {
  const { record, meta } = file;
  const facts = new Map<string, string>();
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) facts.set(name, value);
  };
  add("project", meta.project);
  add("version", String(record.version));
  add("registry", registryText(record.registryHash, registryUrl(file)));
  for (const scope of Object.keys(meta.registries ?? {}).toSorted()) {
    if (scope !== DEFAULT_SCOPE) add(`registry.${scope}`, meta.registries?.[scope]);
  }
  for (const flag of file.flags) addFlag(add, file, flag);
  for (const bit of unnamedBits(file)) add(`bit ${bit}`, "on, without a name");
  add("terminal.mode", record.terminalMode);
  add("terminal.rows", String(record.rows));
  add("terminal.cols", String(record.cols));
  add("bun.minimum", meta.bun?.minimum);
  for (const url of meta.upgrade?.unsigned ?? []) add(`upgrade.unsigned ${url}`, "accepted");
  add("online", meta.online?.join(" "));
  add("signed.audience", meta.signed?.audience?.join(" "));
  add("signed.expires", meta.signed?.expires);
  add("signed.keys", meta.signed?.keys?.join(" "));
  add("packages", packagesText(file.packages));
  for (const { tag, payload } of file.extensions) add(`section.${tag}`, payloadText(payload));
  add("frozen", String(file.frozen));
  add("signature", signatureText(file));
  add(GENERATION_FACT, String(file.generation));
  return facts;
}

/** A registry by its URL, where that is known, and the hash in the record. */
export function registryText(hash: number, url: string | undefined): string {
  return url === undefined ? `${hex32(hash)}, URL unknown` : `${url} (${hex32(hash)})`;
}

export function signatureText({ signature, cosignatures = [] }: File): string {
  if (signature === null) return "none";
  const own = hexBytes(signature.keyId);
  const others = cosignatures.map(({ keyId }) => hexBytes(keyId)).filter((id) => id !== own);
  return [`by key ${own}`, ...others].join(", ");
}

/** Opaque bytes by size and digest: equal texts mean equal bytes. */
export function payloadText(payload: Uint8Array): string {
  return `${payload.length} bytes, sha256 ${sha256(payload)}`;
}

/** The bits that are on and have no flag, in ascending order. */
export function unnamedBits(file: File): number[] {
  const named = new Set(file.flags.map(({ bit }) => bit));
  return bitsOf(file.record.featureFlags).filter((bit) => !named.has(bit));
}

function addFlag(
  add: (name: string, value: string | undefined) => void,
  file: File,
  { bit, name }: FlagEntry,
): void {
  const { description, owner, expires, live, retired = false } = flagMeta(file, name);
  const on = hasFlag(file.record.featureFlags, bit);
  const state = on ? "on" : "off";
  // A name may hold a dot, and no space.
  add(`features.${name}`, retired ? (on ? "retired, yet on" : "retired") : state);
  add(`features.${name} bit`, String(bit));
  add(`features.${name} description`, description);
  add(`features.${name} owner`, owner);
  add(`features.${name} expires`, expires);
  add(`features.${name} live`, live);
}

function packagesText(packages: Uint8Array): string {
  const count = packages.length / PACKAGE_RECORD_SIZE;
  return count === 0 ? "0" : `${count}, sha256 ${sha256(packages)}`;
}
