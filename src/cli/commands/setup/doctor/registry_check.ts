/** Whether `bun install` would ask the registries that the record names. */

import { hasGit, runGit } from "../../../../base/run_git.ts";
import { registryUrl } from "../../../../format/file.ts";
import { DEFAULT_SCOPE } from "../../../../format/meta.ts";
import { registriesInForce } from "../../../../registry/in_force.ts";
import { readText, writeText } from "../../../files/text_file.ts";
import { withRegistries } from "../../install/bunfig_registries.ts";
import { type Check, type Fix, ok, type Examined, warn } from "./finding.ts";

export const registryCheck: Check = {
  topic: "registry",
  inspect(examined) {
    const { file, project, env } = examined;
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
    const wanted = new Map(Object.entries({ ...file.meta.registries, [DEFAULT_SCOPE]: pinned }));
    const asked = registriesInForce({ env }, project.folder, true);
    const fallback = asked.find(({ scope }) => scope === DEFAULT_SCOPE);
    const fix = isSettled(examined)
      ? bunfigFix(project.bunfigPath, Object.fromEntries(wanted))
      : undefined;
    return Array.from(wanted, ([scope, url]) => {
      const inForce = asked.find((registry) => registry.scope === scope) ?? fallback;
      const what = scope === DEFAULT_SCOPE ? "bun install" : `bun install for ${scope}`;
      if (inForce === undefined || inForce.url === url) {
        return ok(`${what} asks ${url} (${inForce?.source ?? "Bun's default"})`);
      }
      const option = scope === DEFAULT_SCOPE ? "" : ` --scope ${scope}`;
      return warn(
        `the record says ${url}, and ${what} asks ${inForce.url} (${inForce.source})`,
        `${fix === undefined ? "Set it there" : "Set it there, or let --fix write bunfig.toml"}, or pin it: bun-config set registry ${inForce.url}${option}`,
        fix,
      );
    });
  },
};

/** In an open merge nobody has decided yet which registry the record names. */
function isSettled({ project: { folder, name }, env }: Examined): boolean {
  if (!hasGit(env)) return true;
  return runGit(folder, env, ["ls-files", "--unmerged", "--", name]).stdout.length === 0;
}

/** Nothing where bunfig.toml says it already, so that something else wins, or cannot be edited safely. */
function bunfigFix(path: string, registries: Readonly<Record<string, string>>): Fix | undefined {
  const edit = () => {
    const text = readText(path);
    return { text, edited: withRegistries(text, registries) };
  };
  const { text, edited } = edit();
  if (edited === undefined || edited === text) return undefined;
  return async () => {
    // Another finding's fix may have written it by now.
    const now = edit();
    if (now.edited !== undefined && now.edited !== now.text) {
      await writeText(path, now.edited, now.text);
    }
  };
}
