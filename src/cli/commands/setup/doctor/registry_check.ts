/** Whether `bun install` would ask the registry that the record names. */

import { join } from "node:path";
import { registryUrl } from "../../../../format/file.ts";
import { canonicalRegistryUrl } from "../../../../format/registry_url.ts";
import { DEFAULT_REGISTRY } from "../../../../store/default_file.ts";
import { bunfigRegistry } from "../project/bunfig_registry.ts";
import { readText } from "../../../files/text_file.ts";
import { type Check, fail, ok, type Patient, warn } from "./finding.ts";

/** In Bun's order: the first one set wins. */
const VARIABLES = ["BUN_CONFIG_REGISTRY", "NPM_CONFIG_REGISTRY", "npm_config_registry"];

export const registryCheck: Check = {
  topic: "registry",
  look(patient) {
    const { file } = patient;
    if (file === undefined) return [];
    const pinned = registryUrl(file);
    if (pinned === undefined) {
      return [
        warn(
          "the record holds the hash of a registry without its URL",
          "Set it: bun-config set registry URL",
        ),
      ];
    }
    const { source, url } = registryInForce(patient);
    let canonical: string;
    try {
      canonical = canonicalRegistryUrl(url);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [fail(`${source}: ${reason}`, "Mend the URL; credentials belong into a token.")];
    }
    if (canonical === pinned) return [ok(`bun install asks ${pinned} (${source})`)];
    return [
      warn(
        `the record says ${pinned}, and bun install asks ${canonical} (${source})`,
        `Set it there, or pin it: bun-config set registry ${canonical}`,
      ),
    ];
  },
};

/** The unscoped registry that Bun would use in this project, and who says so. */
function registryInForce({ project, env }: Patient): { source: string; url: string } {
  for (const name of VARIABLES) {
    const url = env[name];
    if (url !== undefined && url !== "") return { source: name, url };
  }
  const home = env["HOME"] ?? env["USERPROFILE"];
  const global = env["XDG_CONFIG_HOME"] ?? home;
  const bunfigs = [
    project.bunfigPath,
    ...(global === undefined ? [] : [join(global, ".bunfig.toml")]),
  ];
  for (const path of bunfigs) {
    const url = bunfigRegistry(path);
    if (url !== undefined) return { source: path, url: expand(url, env) };
  }
  const user =
    env["NPM_CONFIG_USERCONFIG"] ?? (home === undefined ? undefined : join(home, ".npmrc"));
  for (const path of [join(project.folder, ".npmrc"), ...(user === undefined ? [] : [user])]) {
    const url = npmrcRegistry(readText(path) ?? "");
    if (url !== undefined) return { source: path, url: expand(url, env) };
  }
  return { source: "npm's default", url: DEFAULT_REGISTRY };
}

/** The last `registry = URL` of an .npmrc. */
function npmrcRegistry(text: string): string | undefined {
  const values = text
    .split(/\r?\n/)
    .map((line) => /^\s*registry\s*=\s*(.*?)\s*$/.exec(line)?.[1])
    .filter((value) => value !== undefined);
  return values.at(-1)?.replace(/^(["'])(.*)\1$/, "$2");
}

/** `${NAME}` and `$NAME` stand for variables in both kinds of file. */
function expand(url: string, env: Patient["env"]): string {
  return url.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    return env[braced ?? bare ?? ""] ?? whole;
  });
}
