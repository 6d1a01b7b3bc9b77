/** Asks an npm registry. */

import { ImmuconfigError } from "../base/errors.ts";
import { ATTESTATIONS_SIZE_MAX, PACKUMENT_SIZE_MAX, REGISTRY_WAIT_MS } from "../base/limits.ts";
import { readStream } from "../base/read_stream.ts";
import { secureFetch } from "../base/secure_fetch.ts";
import { TOKEN_HINT } from "./token.ts";
import { parseJsonObject } from "../base/json.ts";
import { isSafeUrl } from "../base/text.ts";
import { type Packument, parsePackument, type Release } from "./packument.ts";

/** What it takes to talk to a registry. */
export interface RegistryClient {
  /** The registry's canonical URL. */
  url: string;
  /** Sent as `Authorization: Bearer …` to the registry, never elsewhere. */
  token: string | undefined;
  /** How long an answer may take, in milliseconds. */
  waitMs: number;
}

/**
 * A client for the registry at `url`.
 *
 * @throws ImmuconfigError `ERR_REGISTRY` for plain HTTP to another machine
 */
export function registryClient(
  url: string,
  token: string | undefined,
  waitMs = REGISTRY_WAIT_MS,
): RegistryClient {
  if (!isSafeUrl(new URL(url))) {
    throw new ImmuconfigError("ERR_REGISTRY", `${url} is not reached over https`, {
      hint: "Pin a registry with an https URL: bun-config set registry URL.",
    });
  }
  return { url, token, waitMs };
}

/**
 * Asks a registry what it knows about a package.
 *
 * @throws ImmuconfigError `ERR_NETWORK` when it cannot be reached or does not answer in time;
 * `ERR_NOT_FOUND` when it has no such package; `ERR_REGISTRY` for any other answer.
 */
export async function fetchPackument(client: RegistryClient, name: string): Promise<Packument> {
  const bytes = await fetchBytes(client, `/${name.replace("/", "%2f")}`, PACKUMENT_SIZE_MAX);
  return parsePackument(bytes, name);
}

/**
 * Fetches the attestations of a release. The address is the registry's own, whatever URL the
 * packument names.
 *
 * @returns the unread JSON
 * @throws ImmuconfigError as `fetchPackument` does
 */
export async function fetchAttestations(
  client: RegistryClient,
  release: Release,
): Promise<unknown> {
  const path = `/-/npm/v1/attestations/${release.name.replace("/", "%2f")}@${release.version}`;
  const bytes = await fetchBytes(client, path, ATTESTATIONS_SIZE_MAX);
  const json = parseJsonObject(new TextDecoder().decode(bytes));
  if (json !== undefined) return json;
  throw new ImmuconfigError(
    "ERR_REGISTRY",
    `the registry's attestations of ${release.name} ${release.version} are no JSON object`,
  );
}

async function fetchBytes(
  client: RegistryClient,
  path: string,
  sizeMax: number,
): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(client.waitMs);
  const response = await request(client, `${client.url}${path}`, {}, signal);
  if (response.status !== 200) throw statusError(client, response.status, path);
  const tooLarge = (): ImmuconfigError =>
    new ImmuconfigError(
      "ERR_REGISTRY",
      `${client.url} answers ${path} with more than ${sizeMax} bytes`,
    );
  try {
    return await readStream(response.body, sizeMax, tooLarge);
  } catch (cause) {
    if (cause instanceof ImmuconfigError) throw cause;
    throw networkError(client, cause);
  }
}

/**
 * Sends one GET request. Redirects are not followed: the pinned registry answers itself.
 *
 * @throws ImmuconfigError `ERR_NETWORK` when there is no answer
 */
export async function request(
  client: RegistryClient,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  const authorization =
    client.token === undefined ? {} : { authorization: `Bearer ${client.token}` };
  try {
    return await secureFetch(url, {
      headers: { accept: "application/json", ...authorization, ...headers },
      redirect: "manual",
      signal,
    });
  } catch (cause) {
    throw networkError(client, cause);
  }
}

/** The registry is away, silent, or broke off. */
export function networkError(client: RegistryClient, cause: unknown): ImmuconfigError {
  const late = cause instanceof Error && ["TimeoutError", "AbortError"].includes(cause.name);
  return new ImmuconfigError(
    "ERR_NETWORK",
    late
      ? `${client.url} did not answer within ${client.waitMs / 1000} s`
      : `cannot reach ${client.url}`,
    { hint: "Are you offline? Nothing was changed. Try again later.", cause },
  );
}

/** The registry answered, but not with what was asked for. */
export function statusError(client: RegistryClient, status: number, path: string): ImmuconfigError {
  const what = `${client.url} answers ${path} with status ${status}`;
  if (status === 404) {
    return new ImmuconfigError("ERR_NOT_FOUND", what, {
      hint: "The registry has no such package: pin another one with bun-config set registry URL.",
    });
  }
  if (status === 401 || status === 403) {
    return new ImmuconfigError("ERR_REGISTRY", what, { hint: TOKEN_HINT });
  }
  if (status >= 500) return new ImmuconfigError("ERR_NETWORK", what, { hint: "Try again later." });
  return new ImmuconfigError("ERR_REGISTRY", what, {
    hint: "Redirects are not followed: pin the registry under its final address.",
  });
}
