/** Reads a registry's answer about a package: a packument. */

import { isObject } from "../base/json.ts";
import { quote, parseUrl } from "../base/text.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { parseVersion } from "../base/version.ts";

/** A registry's answer about one package, as far as an upgrade reads it. */
export interface Packument {
  name: string;
  /** The version that the registry calls the latest. */
  latest: string | undefined;
  /** Released versions that are not withdrawn, in no order. */
  versions: readonly string[];
  /** The manifest of one version, unread. */
  manifests: ReadonlyMap<string, unknown>;
  /** When each version was published, as the registry says. */
  published: ReadonlyMap<string, Date>;
}

/** One version, with all that is needed to fetch and verify it. */
export interface Release {
  name: string;
  version: string;
  tarball: string;
  /** As the registry wrote it: this text is what its signature covers. */
  integrity: string;
  /** The sha512 digest inside `integrity`, in base64. */
  digest: string;
  signatures: readonly RegistrySignature[];
  publishedAt: Date | undefined;
  /** The registry says that there are attestations about this release. */
  attested: boolean;
}

export interface RegistrySignature {
  keyId: string;
  /** DER in base64. */
  signature: string;
}

const SHA512 = /^sha512-([A-Za-z0-9+/]{86}==)$/;
const SIGNATURE_COUNT_MAX = 16;

/**
 * Reads the JSON of a packument.
 *
 * @param bytes UTF-8 JSON, as it came from the registry
 * @param name the package that was asked for
 * @throws ImmuconfigError `ERR_REGISTRY` when it is no packument, or another package's
 */
export function parsePackument(bytes: Uint8Array, name: string): Packument {
  const json = parseJson(bytes, name);
  if (!isObject(json)) throw registryError(name, "its answer is no object");
  if (json["name"] !== name) {
    throw registryError(name, `it answered about ${quote(json["name"])}`);
  }
  const versions = json["versions"];
  if (!isObject(versions)) throw registryError(name, "its answer has no versions");
  const manifests = new Map<string, unknown>(Object.entries(versions));
  const tags = json["dist-tags"];
  const latest = isObject(tags) && Object.hasOwn(tags, "latest") ? tags["latest"] : undefined;
  return {
    name,
    latest: typeof latest === "string" && manifests.has(latest) ? latest : undefined,
    versions: [...manifests]
      .filter(([version, manifest]) => parseVersion(version) !== undefined && !deprecated(manifest))
      .map(([version]) => version),
    manifests,
    published: publishTimes(json["time"]),
  };
}

/**
 * Reads what a packument says about one version.
 *
 * @param registry the canonical URL of the registry, which must serve the tarball as well
 * @throws ImmuconfigError `ERR_NOT_FOUND` when there is no such version; `ERR_DIGEST` when its
 * digest is missing, weak or malformed; `ERR_REGISTRY` for other faults of the answer.
 */
export function readRelease(packument: Packument, version: string, registry: string): Release {
  const name = packument.name;
  const manifest = packument.manifests.get(version);
  if (manifest === undefined) {
    throw new ImmuconfigError("ERR_NOT_FOUND", `the registry has no ${name} ${version}`);
  }
  if (!isObject(manifest) || manifest["name"] !== name || manifest["version"] !== version) {
    throw registryError(name, `its manifest of ${version} is about something else`);
  }
  const dist = manifest["dist"];
  if (!isObject(dist)) throw registryError(name, `version ${version} has no dist`);
  const integrity = dist["integrity"];
  return {
    name,
    version,
    tarball: tarballUrl(dist["tarball"], name, registry),
    integrity: typeof integrity === "string" ? integrity : "",
    digest: sha512Digest(integrity, `${name} ${version}`),
    signatures: signaturesOf(dist["signatures"], name),
    publishedAt: packument.published.get(version),
    attested: dist["attestations"] !== undefined,
  };
}

function sha512Digest(integrity: unknown, what: string): string {
  if (integrity === undefined || integrity === "") {
    throw new ImmuconfigError("ERR_DIGEST", `the registry gives no integrity digest for ${what}`, {
      hint: "Without a digest nothing can be verified. Choose another version or registry.",
    });
  }
  const match = typeof integrity === "string" ? SHA512.exec(integrity) : null;
  if (match?.[1] !== undefined) return match[1];
  const shown = quote(integrity);
  const weak = /^"(md5|sha1|sha256|sha384)-/.test(shown);
  throw new ImmuconfigError(
    "ERR_DIGEST",
    weak
      ? `the integrity digest of ${what} is too weak: ${shown}`
      : `the integrity digest of ${what} is malformed: ${shown}`,
    { hint: "Only one sha512 digest is accepted." },
  );
}

function tarballUrl(value: unknown, name: string, registry: string): string {
  const url = typeof value === "string" ? parseUrl(value) : null;
  if (url === null) throw registryError(name, `its tarball has no URL: ${quote(value)}`);
  if (url.origin !== new URL(registry).origin || url.username !== "" || url.password !== "") {
    throw registryError(name, `its tarball is elsewhere: ${quote(value)}`);
  }
  return url.href;
}

function signaturesOf(value: unknown, name: string): RegistrySignature[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > SIGNATURE_COUNT_MAX) {
    throw registryError(name, "its signatures are no short list");
  }
  return value.map((entry: unknown) => {
    if (!isObject(entry)) throw registryError(name, "one of its signatures is no object");
    const { keyid, sig } = entry;
    if (typeof keyid !== "string" || typeof sig !== "string") {
      throw registryError(name, "one of its signatures has no keyid or no sig");
    }
    return { keyId: keyid, signature: sig };
  });
}

function publishTimes(value: unknown): Map<string, Date> {
  const times = new Map<string, Date>();
  if (!isObject(value)) return times;
  for (const [version, text] of Object.entries(value)) {
    const date = typeof text === "string" ? new Date(text) : undefined;
    if (date !== undefined && !Number.isNaN(date.getTime())) times.set(version, date);
  }
  return times;
}

function deprecated(manifest: unknown): boolean {
  return isObject(manifest) && typeof manifest["deprecated"] === "string";
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw registryError(name, "its answer is no JSON", cause);
  }
}

function registryError(name: string, what: string, cause?: unknown): ImmuconfigError {
  return new ImmuconfigError("ERR_REGISTRY", `the registry's answer about ${name}: ${what}`, {
    hint: "Nothing was changed. Check the registry that the record names.",
    cause,
  });
}
