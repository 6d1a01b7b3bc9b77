/** What holds in the folders of a workspace's packages: Bun and TypeScript read each for itself. */

import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { FILE_NAME } from "../../../../store/find.ts";
import { shellWord, shortList } from "../../../../base/text.ts";
import { defaultTypesFile, findTypesFiles } from "../../../files/types_file.ts";
import { isReadByTypeScript } from "../../../files/tsconfig.ts";
import { preloadsUs } from "../project/project.ts";
import { workspaceFolders } from "../project/workspaces.ts";
import { type Check, ok, warn } from "./finding.ts";

export const workspacePreloadCheck: Check = {
  topic: "preload",
  inspect({ project: { folder } }) {
    const without = workspaceFolders(folder).filter((path) => !preloadsUs(path));
    if (without.length === 0 || !preloadsUs(folder)) return [];
    const names = shortList(without.map((path) => relative(folder, path)));
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
  inspect({ cwd, project: { folder, path }, file }) {
    const files = findTypesFiles(path);
    if (file === undefined || files.length === 0) return [];
    const configs = [folder, ...workspaceFolders(folder)]
      .map((place) => join(place, "tsconfig.json"))
      .filter((config) => existsSync(config));
    const states = configs.map((config) => {
      const read = new Set(files.map((out) => isReadByTypeScript(config, out)));
      return { config, isRead: read.has(true) ? true : read.has(undefined) ? undefined : false };
    });
    const having = (state: boolean | undefined) =>
      states.flatMap(({ config, isRead }) => (isRead === state ? [relative(folder, config)] : []));
    const [read, unread, unclear] = [having(true), having(false), having(undefined)];
    return [
      ...(read.length === 0 ? [] : [ok(`TypeScript reads the flags with ${shortList(read)}`)]),
      ...(unread.length === 0
        ? []
        : [warn(unreadText(unread), unreadHint(cwd, folder, files, unread))]),
      ...(unclear.length === 0
        ? []
        : [
            warn(
              `${shortList(unclear)} cannot be understood`,
              "See what TypeScript reads: bun-config doctor --run",
            ),
          ]),
    ];
  },
};

function unreadText(configs: readonly string[]): string {
  return `TypeScript does not read the flags with ${shortList(configs)}: a typo is no error there`;
}

function unreadHint(
  cwd: string,
  folder: string,
  files: readonly string[],
  configs: readonly string[],
): string {
  const [config = ""] = configs;
  const out = defaultTypesFile(join(folder, dirname(config), FILE_NAME));
  return files.includes(out)
    ? `Add ${relative(folder, out)} to "include" of ${config}.`
    : `Where a folder uses flags, write them there, too: bun-config types --out ${shellWord(relative(cwd, out))}`;
}
