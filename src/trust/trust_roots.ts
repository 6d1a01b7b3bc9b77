/** The keys of registries, and the root of Sigstore, that are trusted for an upgrade. */

import { ImmuconfigError, valueError } from "../base/errors.ts";
import { readText } from "../base/read_file.ts";
import { TRUST_FILE_SIZE_MAX } from "../base/limits.ts";
import { isObject } from "../base/json.ts";
import type { RegistryKey } from "./registry_signature.ts";

/** Whom an upgrade believes. */
export interface TrustRoots {
  /** Keys for a registry's signatures of releases. */
  signatureKeys: readonly RegistryKey[];
  /** Keys for a registry's statements of publication. */
  attestationKeys: readonly RegistryKey[];
  /** A Sigstore trusted root, as JSON. */
  trustedRoot: unknown;
}

export interface TrustFiles {
  /** A file of registry keys, in the form that npm registries serve at `/-/npm/v1/keys`. */
  registryKeys?: string | undefined;
  /** A file that holds a Sigstore trusted root. */
  trustedRoot?: string | undefined;
}

/**
 * Loads the keys and the root that are trusted for a registry: those that `@sigstore/tuf` ships,
 * or those of files that the caller names. Nothing is fetched.
 *
 * @param registry the registry's canonical URL; shipped keys speak for the host they name only
 * @throws ImmuconfigError `ERR_READ` or `ERR_VALUE` when a named file cannot be read or understood
 * @example
 * const trust = await loadTrustRoots("https://registry.example.test", { registryKeys: "keys.json" });
 */
export async function loadTrustRoots(registry: string, files: TrustFiles): Promise<TrustRoots> {
  const shipped = await shippedTargets();
  const own = files.registryKeys === undefined ? undefined : readKeys(files.registryKeys);
  const host = encodeURIComponent(`${new URL(registry).host}/keys.json`);
  const keys = shipped.get(host);
  return {
    signatureKeys: own ?? (keys === undefined ? [] : shippedKeys(keys, "npm:signatures")),
    attestationKeys: own ?? (keys === undefined ? [] : shippedKeys(keys, "npm:attestations")),
    trustedRoot:
      files.trustedRoot === undefined
        ? shipped.get("trusted_root.json")
        : readJson(files.trustedRoot),
  };
}

/** The signed targets in the seed of `@sigstore/tuf`, by name. */
async function shippedTargets(): Promise<Map<string, unknown>> {
  const { default: seeds } = await import("@sigstore/tuf/seeds.json");
  const targets = new Map<string, unknown>();
  for (const seed of Object.values<{ targets: Record<string, string> }>(seeds)) {
    for (const [name, content] of Object.entries(seed.targets)) {
      targets.set(name, JSON.parse(Buffer.from(content, "base64").toString("utf8")));
    }
  }
  return targets;
}

/** Keys in the form of Sigstore's `keys.json`. */
function shippedKeys(json: unknown, usage: string): RegistryKey[] {
  return keyList(json, "the seed of @sigstore/tuf").flatMap((key) => {
    const { keyId, keyUsage, publicKey } = key;
    if (keyUsage !== usage || typeof keyId !== "string" || !isObject(publicKey)) return [];
    const validity = isObject(publicKey["validFor"]) ? publicKey["validFor"] : {};
    return [
      {
        keyId,
        publicKey: Buffer.from(String(publicKey["rawBytes"]), "base64"),
        validFrom: dateOf(validity["start"]),
        validUntil: dateOf(validity["end"]),
      },
    ];
  });
}

/** Keys in the form that npm registries serve. */
function readKeys(path: string): RegistryKey[] {
  return keyList(readJson(path), path).map((entry) => {
    const { keyid, key, expires } = entry;
    if (typeof keyid !== "string" || typeof key !== "string") {
      throw valueError(`${path} has a key without keyid or key`);
    }
    const validUntil = expires === undefined || expires === null ? undefined : dateOf(expires);
    if (typeof expires === "string" && validUntil === undefined) {
      throw valueError(`${path}: the key ${keyid} expires at no date`);
    }
    return {
      keyId: keyid,
      publicKey: Buffer.from(key, "base64"),
      validFrom: undefined,
      validUntil,
    };
  });
}

function keyList(json: unknown, where: string): Record<string, unknown>[] {
  if (isObject(json) && Array.isArray(json["keys"]) && json["keys"].every(isObject)) {
    return json["keys"];
  }
  throw valueError(`${where} holds no list of keys`, 'The form is {"keys": [{"keyid", "key"}]}.');
}

function dateOf(value: unknown): Date | undefined {
  const date = typeof value === "string" ? new Date(value) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

function readJson(path: string): unknown {
  const text = readText(path, TRUST_FILE_SIZE_MAX);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ImmuconfigError("ERR_VALUE", `${path} is no JSON`, { cause });
  }
}
