/** The registries that Bun would ask in a project. */

import type { Environment } from "../base/environment.ts";
import { DEFAULT_REGISTRY } from "../store/default_file.ts";
import { type EffectiveRegistry, effectiveRegistries } from "./effective.ts";
import { registrySources } from "./registry_sources.ts";

/**
 * @param envFiles whether it reads the project's `.env` files
 * @param option the value of Bun's `--registry`
 */
export function registriesInForce(
  { env }: { readonly env: Environment },
  folder: string,
  envFiles: boolean,
  option?: string,
): EffectiveRegistry[] {
  const sources = registrySources({ folder, env, envFiles, option });
  return effectiveRegistries(sources, env, DEFAULT_REGISTRY);
}
