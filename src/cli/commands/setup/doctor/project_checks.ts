/** What `doctor` looks at in the project around the configuration file. */

import { preloadedTables, PRELOAD, parseToml } from "../project/bunfig_toml.ts";
import { parseManifest, runsPostinstall } from "../project/manifest.ts";
import { readText } from "../../../files/text_file.ts";
import { type Check, fail, ok, warn } from "./finding.ts";

export const scriptsCheck: Check = {
  topic: "scripts",
  look({ project: { manifestPath } }) {
    const text = readText(manifestPath);
    if (text === undefined)
      return [warn(`there is no ${manifestPath}`, "Create it with `bun init`.")];
    const manifest = parseManifest(text);
    if (manifest === undefined) return [fail(`${manifestPath} is not valid`, "Mend it.")];
    const missing = [
      ...(manifest.scripts["config"] === undefined ? ["config"] : []),
      ...(runsPostinstall(manifest.scripts["postinstall"]) ? [] : ["postinstall"]),
    ];
    if (missing.length === 0) return [ok("config and postinstall are there")];
    return [
      warn(
        `${missing.join(" and ")} are not in ${manifestPath}`,
        "Add them with `bun-config init`.",
      ),
    ];
  },
};

export const preloadCheck: Check = {
  topic: "preload",
  look({ project: { bunfigPath, manifestPath, folder } }) {
    const toml = parseToml(readText(bunfigPath) ?? "");
    if (toml === undefined) return [fail(`${bunfigPath} is not valid TOML`, "Mend it.")];
    const { top, test } = preloadedTables(toml);
    if (!top && !test)
      return [ok(`Bun.config is not used: ${bunfigPath} does not preload ${PRELOAD}`)];
    if (!isInstalled(folder)) {
      return [
        fail(
          `${bunfigPath} preloads ${PRELOAD}, which is not installed: no program starts`,
          "Install it with `bun add immuconfig`, or take the preload out with `bun-config init --undo`.",
        ),
      ];
    }
    const dependencies = parseManifest(readText(manifestPath) ?? "")?.dependencies ?? {};
    if (!("immuconfig" in dependencies)) {
      return [
        warn(
          `${bunfigPath} preloads ${PRELOAD}, but an install without development dependencies lacks it`,
          "Move it to dependencies: bun add immuconfig",
        ),
      ];
    }
    if (top && test) return [ok("programs and tests have Bun.config")];
    const without = top ? "tests" : "programs";
    return [
      warn(`${without} do not have Bun.config`, "Add the other preload with `bun-config init`."),
    ];
  },
};

function isInstalled(folder: string): boolean {
  try {
    Bun.resolveSync(PRELOAD, folder);
    return true;
  } catch {
    return false;
  }
}
