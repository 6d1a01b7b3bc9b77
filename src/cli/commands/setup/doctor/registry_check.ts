/** Whether `bun install` would ask the registries that the record names. */

import { registryUrl } from "../../../../format/file.ts";
import { DEFAULT_SCOPE } from "../../../../format/meta.ts";
import { canonicalRegistryUrl } from "../../../../format/registry_url.ts";
import { effectiveRegistries } from "../../../../registry/effective.ts";
import { registrySources } from "../../../../registry/sources.ts";
import { DEFAULT_REGISTRY } from "../../../../store/default_file.ts";
import { type Check, ok, warn } from "./finding.ts";

export const registryCheck: Check = {
  topic: "registry",
  look({ file, project, env }) {
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
    const sources = registrySources({ folder: project.folder, env, envFiles: true });
    const wanted = new Map(Object.entries({ ...file.meta.registries, [DEFAULT_SCOPE]: pinned }));
    const asked = effectiveRegistries(sources, env, canonicalRegistryUrl(DEFAULT_REGISTRY));
    const fallback = asked.find(({ scope }) => scope === DEFAULT_SCOPE);
    const findings = Array.from(wanted, ([scope, url]) => {
      const inForce = asked.find((registry) => registry.scope === scope) ?? fallback;
      const what = scope === DEFAULT_SCOPE ? "bun install" : `bun install for ${scope}`;
      if (inForce === undefined || inForce.url === url) {
        return ok(`${what} asks ${url} (${inForce?.source ?? "Bun's default"})`);
      }
      const option = scope === DEFAULT_SCOPE ? "" : ` --scope ${scope}`;
      return warn(
        `the record says ${url}, and ${what} asks ${inForce.url} (${inForce.source})`,
        `Set it there, or pin it: bun-config set registry ${inForce.url}${option}`,
      );
    });
    return findings;
  },
};
