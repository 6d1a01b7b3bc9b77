/** What `doctor` looks at in the project around the configuration file. */

import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { findUnfed } from "../project/adapters.ts";
import { addToTurbo, isInTurbo, nxNote, nxTargets } from "../project/task_caches.ts";
import { addPreload, ourPreloads, parseIfToml } from "../project/bunfig_toml.ts";
import { addScripts, parseManifest, runsPostinstall } from "../project/manifest.ts";
import { applyPlan, planEdit, preloadPath } from "../project/project_plan.ts";
import { readText } from "../../../files/text_file.ts";
import { type Check, fail, ok, warn, type Observation } from "./finding.ts";

export const scriptsCheck: Check = {
  topic: "scripts",
  inspect({ project: { manifestPath } }) {
    const text = readText(manifestPath);
    if (text === undefined)
      return [warn(`there is no ${manifestPath}`, "Create it with `bun init`.")];
    const manifest = parseManifest(text);
    if (manifest === undefined) return [fail(`${manifestPath} is not valid`, "Fix it.")];
    const missing = [
      ...(manifest.scripts["config"] === undefined ? ["config"] : []),
      // All who install a published package would run it.
      ...(manifest.isPublished || runsPostinstall(manifest.scripts["postinstall"])
        ? []
        : ["postinstall"]),
    ];
    if (missing.length === 0) return [ok("the scripts are there")];
    return [
      warn(
        `${missing.join(" and ")} are not in ${manifestPath}`,
        "Add them with `bun-config init`.",
        async () => applyPlan(planEdit(manifestPath, (before) => addScripts(before ?? ""))),
      ),
    ];
  },
};

export const preloadCheck: Check = {
  topic: "preload",
  inspect({ project: { bunfigPath, manifestPath, folder } }) {
    const toml = parseIfToml(readText(bunfigPath) ?? "");
    if (toml === undefined) {
      return typeof Bun === "undefined"
        ? [
            warn(
              `what ${bunfigPath} preloads was not looked at: only Bun understands it`,
              "Run `bunx immuconfig doctor`.",
            ),
          ]
        : [fail(`${bunfigPath} is not valid TOML`, "Fix it.")];
    }
    const { top, test } = ourPreloads(toml);
    const preload = top ?? test;
    if (preload === undefined)
      return [ok(`Bun.config is not used: ${bunfigPath} does not preload it`)];
    if (!isInstalled(preload, folder)) {
      return [
        fail(
          `${bunfigPath} preloads ${preload}, which is not there: no program starts`,
          "Install it with `bun add immuconfig`, or take the preload out with `bun-config init --undo`.",
        ),
      ];
    }
    const findings = [];
    const fixPreload = async () =>
      applyPlan(planEdit(bunfigPath, (text) => addPreload(text, preloadPath(folder))));
    if ([top, test].includes("immuconfig/register")) {
      findings.push(
        warn(
          `${bunfigPath} preloads immuconfig by its name, which no executable of \`bun build --compile\` finds: those do not start here`,
          "Let `bun-config init` write the path in its place.",
          fixPreload,
        ),
      );
    }
    const dependencies = parseManifest(readText(manifestPath) ?? "")?.dependencies ?? {};
    if (!("immuconfig" in dependencies)) {
      findings.push(
        warn(
          `${bunfigPath} preloads ${preload}, but an install without development dependencies lacks it`,
          "Move it to dependencies: bun add immuconfig",
        ),
      );
    }
    if (top === undefined || test === undefined) {
      const without = top === undefined ? "programs" : "tests";
      const { notes } = addPreload(readText(bunfigPath), preload);
      const hint = notes[0] ?? "Add the other preload with `bun-config init`.";
      findings.push(warn(`${without} do not have Bun.config`, hint, fixPreload));
    }
    return findings.length === 0 ? [ok(`programs and tests preload ${preload}`)] : findings;
  },
};

export const adaptersCheck: Check = {
  topic: "bundler",
  inspect({ project, env }) {
    return findUnfed(project, env).flatMap(({ bundlers, source, hint }) => {
      if (source === undefined) return [];
      const place = relative(project.folder, source);
      return [
        warn(
          `${place} asks for flags, and no settings take an adapter: what ${bundlers.join(", ")} builds has none, or ends with an error`,
          `${hint[0]?.toUpperCase()}${hint.slice(1)}`,
        ),
      ];
    });
  },
};

export const taskCachesCheck: Check = {
  topic: "task caches",
  inspect({ project: { folder, turboPath, name } }) {
    const [turbo, nx] = [readText(turboPath), readText(join(folder, "nx.json"))];
    const findings: Observation[] = [];
    if (turbo !== undefined && !isInTurbo(turbo, name)) {
      const { notes } = addToTurbo(turbo, name);
      findings.push(
        warn(
          `Turborepo keeps outputs across a flip, and drops what \`bun-config exec\` hands on: ${turboPath} does not name ${name} and our variables`,
          notes[0] ?? "Add them with `bun-config init`.",
          async () => applyPlan(planEdit(turboPath, (text) => addToTurbo(text, name))),
        ),
      );
    }
    if (turbo !== undefined && findings.length === 0) {
      findings.push(ok("the record is in the keys of Turborepo"));
    }
    if (nx === undefined) return findings;
    const { followed, kept } = nxTargets(nx, name);
    if (kept.length > 0) {
      findings.push(
        warn(`nx.json has no record in the inputs of ${kept.join(", ")}`, nxNote(name, kept)),
      );
    } else {
      findings.push(ok(`the record is in Nx's inputs of ${followed.join(", ")}`));
    }
    return findings;
  },
};

function isInstalled(preload: string, folder: string): boolean {
  try {
    createRequire(`${folder}/`).resolve(preload);
    return true;
  } catch {
    return false;
  }
}
