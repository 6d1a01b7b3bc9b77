import type { Environment } from "../base/environment.ts";
import { valueError } from "../base/errors.ts";
import { canonicalRegistryUrl } from "../format/registry_url.ts";

const TOKEN = "IMMUCONFIG_REGISTRY_TOKEN";
const TOKEN_URL = "IMMUCONFIG_REGISTRY_TOKEN_URL";

export const TOKEN_HINT = `Put the registry's token into ${TOKEN} and its URL into ${TOKEN_URL}.`;

/**
 * The user's token, for the registry that it belongs to and for no other: which registry is asked, a
 * repository's record says, and anybody can write one.
 *
 * @param url the canonical URL of the registry that will be asked
 * @returns undefined when there is no token, or one for another registry
 * @throws ImmuconfigError `ERR_VALUE` for a token without the URL of its registry, or with one that
 * is none.
 */
export function registryToken(url: string, env: Environment): string | undefined {
  const token = env[TOKEN];
  if (token === undefined || token === "") return undefined;
  const owner = env[TOKEN_URL];
  if (owner === undefined || owner === "") {
    throw valueError(`${TOKEN} does not say which registry it is for`, TOKEN_HINT);
  }
  return canonicalRegistryUrl(owner) === url ? token : undefined;
}
