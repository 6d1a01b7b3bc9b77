/** Reads every place that tells Bun which registry to ask. */

import { join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { readTextIfThere } from "../base/read_file.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../base/limits.ts";
import { DEFAULT_SCOPE } from "../format/meta.ts";
import { parseBunfigRegistries } from "./bunfig_registry.ts";
import { parseDotenv } from "./dotenv.ts";
import { REGISTRY_VARIABLES, type RegistrySource } from "./effective.ts";
import { type NamedRegistries, parseNpmrc } from "./npmrc.ts";

export interface RegistrySurroundings {
  /** The project's folder, absolute. */
  readonly folder: string;
  readonly env: Environment;
  /** The value of Bun's own `--registry`. */
  readonly option?: string | undefined;
  /** Whether Bun will read the project's `.env` files: not with `--no-env-file`. */
  readonly envFiles: boolean;
}

const USER_CONFIG_VARIABLES = ["NPM_CONFIG_USERCONFIG", "npm_config_userconfig"] as const;

/**
 * Every source, the strongest first.
 *
 * @throws ImmuconfigError `ERR_READ`; `ERR_VALUE` for a file that has no one meaning
 */
export function registrySources(surroundings: RegistrySurroundings): RegistrySource[] {
  const { folder, env, option } = surroundings;
  const variables = surroundings.envFiles ? envFileVariables(folder, env) : [];
  const find = (name: string): Variable | undefined => {
    const own = env[name];
    if (own !== undefined && own !== "") return { name, value: own, source: name };
    return variables.find((variable) => variable.name === name && variable.value !== "");
  };
  const named = REGISTRY_VARIABLES.map(find).find((variable) => variable !== undefined);
  const userConfig = USER_CONFIG_VARIABLES.map(find).find((variable) => variable !== undefined);
  const home = env["HOME"] ?? env["USERPROFILE"];
  const bunfigHome = env["XDG_CONFIG_HOME"] ?? home;
  const npmrcPath = userConfig?.value ?? (home === undefined ? undefined : join(home, ".npmrc"));
  return [
    ...(option === undefined ? [] : [single("--registry", option)]),
    ...(named === undefined ? [] : [single(named.source, named.value)]),
    ...fromFile(join(folder, "bunfig.toml"), parseBunfigRegistries),
    ...(bunfigHome === undefined
      ? []
      : fromFile(join(bunfigHome, ".bunfig.toml"), parseBunfigRegistries)),
    ...fromFile(join(folder, ".npmrc"), (text, file) => parseNpmrc(text, env, file)),
    ...(npmrcPath === undefined
      ? []
      : fromFile(npmrcPath, (text, file) => parseNpmrc(text, env, file))),
  ];
}

interface Variable {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

function single(name: string, url: string): RegistrySource {
  return { name, registries: new Map([[DEFAULT_SCOPE, url]]) };
}

function fromFile(
  path: string,
  parse: (text: string, file: string) => NamedRegistries,
): RegistrySource[] {
  const text = readTextIfThere(path, SETTINGS_FILE_SIZE_MAX);
  return text === undefined ? [] : [{ name: path, registries: parse(text, path) }];
}

/** The variables of the `.env` files that Bun reads at an install, the strongest first. */
function envFileVariables(folder: string, env: Environment): Variable[] {
  const names = [...REGISTRY_VARIABLES, ...USER_CONFIG_VARIABLES];
  return envFileNames(env).flatMap((file) => {
    const path = join(folder, file);
    const values = parseDotenv(readTextIfThere(path, SETTINGS_FILE_SIZE_MAX) ?? "", names, path);
    return Array.from(values, ([name, value]) => ({ name, value, source: `${name} in ${path}` }));
  });
}

/** An install is a production run to Bun, unless NODE_ENV says else. */
function envFileNames(env: Environment): string[] {
  const mode = env["NODE_ENV"];
  if (mode === "test") return [".env.test", ".env"];
  return [".env.local", mode === "development" ? ".env.development" : ".env.production", ".env"];
}
