/** What holds in the folders of a workspace's packages: Bun and TypeScript read each for itself. */

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { findTypesFiles } from "../../../files/types_file.ts";
import { TYPES_NAME } from "../../../files/type_declarations.ts";
import { isReadByTypeScript } from "../../../files/tsconfig.ts";
import { readText } from "../../../files/text_file.ts";
import { ourPreloads, parseToml } from "../project/bunfig_toml.ts";
import { workspaceFolders } from "../project/workspaces.ts";
import { type Check, ok, warn } from "./finding.ts";

export const workspacePreloadCheck: Check = {
  topic: "preload",
  look({ project: { folder, bunfigPath } }) {
    const isUsed = preloads(bunfigPath);
    const without = workspaceFolders(folder).filter((path) => !preloads(join(path, "bunfig.toml")));
    if (!isUsed || without.length === 0) return [];
    const names = without.map((path) => relative(folder, path)).join(", ");
    return [
      warn(
        `programs started in ${names} do not have Bun.config: Bun reads bunfig.toml in the working folder alone`,
        'There, use `import { config } from "immuconfig"`, or give the folder a bunfig.toml with the preload.',
      ),
    ];
  },
};

export const typesReadCheck: Check = {
  topic: "types",
  look({ project: { folder, path }, file }) {
    const files = findTypesFiles(path);
    if (file === undefined || files.length === 0) return [];
    return [folder, ...workspaceFolders(folder)].flatMap((place) => {
      const config = join(place, "tsconfig.json");
      if (!existsSync(config)) return [];
      const read = new Set(files.map((out) => isReadByTypeScript(config, out)));
      if (read.has(true)) return [ok(`${config} has TypeScript read the flags`)];
      if (read.has(undefined)) {
        return [
          warn(
            `${config} was not understood`,
            "See what TypeScript reads: bun-config doctor --run",
          ),
        ];
      }
      const out = relative(
        folder,
        join(place, existsSync(join(place, "src")) ? "src" : "", TYPES_NAME),
      );
      return [
        warn(
          `${config} does not have TypeScript read the flags: a typo is no error there`,
          `Write them there, too: bun-config types --out ${out}`,
        ),
      ];
    });
  },
};

function preloads(bunfigPath: string): boolean {
  return ourPreloads(parseToml(readText(bunfigPath) ?? "") ?? {}).top !== undefined;
}
