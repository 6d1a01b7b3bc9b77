/** Which registry Bun asks for a scope, and which source says so. Pure. */

import { type Environment, variableOf } from "../base/environment.ts";
import { valueError } from "../base/errors.ts";
import { quote, parseUrl } from "../base/text.ts";
import { DEFAULT_SCOPE } from "../format/meta.ts";
import { canonicalRegistryUrl, withoutLastSlashes } from "../format/registry_url.ts";
import type { NamedRegistries } from "./npmrc.ts";

/** One place that may name registries. */
export interface RegistrySource {
  /** In words: a file's path, a variable's name, an option. */
  readonly name: string;
  /** As written: an empty text hides what weaker sources say. */
  readonly registries: NamedRegistries;
}

/** What one source says about a scope. */
interface RegistryClaim {
  readonly source: string;
  /** Canonical, without credentials. */
  readonly url: string;
}

export interface EffectiveRegistry extends RegistryClaim {
  readonly scope: string;
  /** What weaker sources say, the strongest first. */
  readonly overruled: readonly RegistryClaim[];
}

/** The variables that name the registry, the strongest first. */
export const REGISTRY_VARIABLES = [
  "BUN_CONFIG_REGISTRY",
  "NPM_CONFIG_REGISTRY",
  "npm_config_registry",
] as const;

/** The source of a registry that no source names. */
const BUILT_IN = "Bun's default";

/**
 * The registry in force for the default scope and for every scope that a source names, as Bun 1.4.5
 * resolves them.
 *
 * @param sources the strongest first: option, variables, bunfig.toml of the project and of the user,
 * .npmrc of the project and of the user. A scope that any of them names beats every default.
 * @param env for a URL that is written `$NAME`
 * @param builtIn the URL that Bun asks when no source names one
 * @throws ImmuconfigError `ERR_VALUE` for a registry that Bun cannot ask
 */
export function effectiveRegistries(
  sources: readonly RegistrySource[],
  env: Environment,
  builtIn: string,
): EffectiveRegistry[] {
  const scopes = new Set([DEFAULT_SCOPE]);
  for (const { registries } of sources) for (const scope of registries.keys()) scopes.add(scope);
  const fallback = resolveScope(DEFAULT_SCOPE, sources, env, {
    source: BUILT_IN,
    url: canonicalRegistryUrl(builtIn),
  });
  return Array.from(scopes, (scope) =>
    scope === DEFAULT_SCOPE ? fallback : resolveScope(scope, sources, env, fallback),
  );
}

function resolveScope(
  scope: string,
  sources: readonly RegistrySource[],
  env: Environment,
  fallback: RegistryClaim,
): EffectiveRegistry {
  const [winner, ...others] = sources.flatMap(({ name, registries }) => {
    const written = registries.get(scope);
    return written === undefined ? [] : [{ source: name, written: expanded(written, env) }];
  });
  const overruled = others.map(({ source, written }) => ({ source, url: shownUrl(written) }));
  const { source, url } =
    winner === undefined || winner.written === ""
      ? fallback
      : { source: winner.source, url: urlOf(winner.written, winner.source) };
  return { scope, source, url, overruled };
}

/** Bun takes `$NAME` for a variable where it is the whole value. */
function expanded(written: string, env: Environment): string {
  return written.startsWith("$") ? (variableOf(env, written.slice(1)) ?? written) : written;
}

/** The address that is asked, without what must not be shown. */
function urlOf(written: string, source: string): string {
  const url = parseUrl(written);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw valueError(
      `${source} names ${quote(withoutPassword(written))}, which is no registry that Bun can ask`,
      "Write the registry as an https URL.",
    );
  }
  return canonicalRegistryUrl(url.origin + url.pathname);
}

/** Messages end up in logs. */
function withoutPassword(written: string): string {
  return written.replace(/\/\/[^/]*@/, "//");
}

/** What an overruled source says need not be a URL. */
function shownUrl(written: string): string {
  const url = parseUrl(written);
  return url === null ? quote(written) : withoutLastSlashes(url.origin + url.pathname);
}
