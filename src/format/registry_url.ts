/** The canonical form of a registry's URL, and its hash (docs/format.md, "Registry URL"). */

import { valueError } from "../base/errors.ts";
import { murmurHash3 } from "../hash.ts";
import { REGISTRY_URL_SIZE_MAX } from "../base/limits.ts";
import { quoteAddress } from "../base/text.ts";

const RULE =
  "A registry is an http or https URL without credentials, query or fragment, " +
  `at most ${REGISTRY_URL_SIZE_MAX} characters long, for example https://registry.example.test`;

/**
 * URLs that are canonical at a glance: DNS names whose last label starts with a letter and which
 * have no `--` (punycode), no port, and plain path segments. The URL parser takes all others.
 */
const PLAIN_URL =
  /^https?:\/\/(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z][a-z0-9]*(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$/;

const utf8 = new TextEncoder();

/**
 * Brings a registry's URL to the one form that is stored and hashed: WHATWG serialization, no
 * default port, no trailing slash.
 *
 * @throws ImmuconfigError `ERR_VALUE`
 * @example canonicalRegistryUrl("HTTPS://Registry.Example.Test:443/") // "https://registry.example.test"
 */
export function canonicalRegistryUrl(input: string): string {
  if (input.length > REGISTRY_URL_SIZE_MAX) throw valueError("the registry URL is too long", RULE);
  let url: URL;
  try {
    url = new URL(input);
  } catch {
    throw valueError(`${quoteAddress(input)} is not a URL`, RULE);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw valueError(`a registry cannot have the scheme "${url.protocol}"`, RULE);
  }
  if (url.username !== "" || url.password !== "") {
    throw valueError("the registry URL holds credentials, which must not be committed", RULE);
  }
  if (input.includes("?") || input.includes("#")) {
    throw valueError("the registry URL has a query or a fragment", RULE);
  }
  const canonical = withoutLastSlashes(url.origin + url.pathname);
  if (canonical.length > REGISTRY_URL_SIZE_MAX) {
    throw valueError("the registry URL is too long", RULE);
  }
  return canonical;
}

/** By hand: an expression for it takes the square of a run of slashes. */
export function withoutLastSlashes(text: string): string {
  let end = text.length;
  while (text.charAt(end - 1) === "/") end--;
  return text.slice(0, end);
}

export function isCanonicalRegistryUrl(url: string): boolean {
  if (url.length > REGISTRY_URL_SIZE_MAX) return false;
  if (PLAIN_URL.test(url)) return true;
  try {
    return canonicalRegistryUrl(url) === url;
  } catch {
    return false;
  }
}

/** @param canonical a canonical registry URL; @returns unsigned 32-bit */
export function registryHash(canonical: string): number {
  return murmurHash3(utf8.encode(canonical));
}
