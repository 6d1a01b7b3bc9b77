/** The project that a command works on: its folder and the files that immuconfig has to do with. */

import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { liesBelow } from "../../../../base/paths.ts";
import { foldersUpwards } from "../../../../base/walk_up.ts";
import { FILE_NAME, findFile } from "../../../../store/find.ts";
import type { Context } from "../../../command.ts";
import { readText } from "../../../files/text_file.ts";
import { ourPreloads, parseIfToml } from "./bunfig_toml.ts";
import { parseManifest, type Scripts } from "./manifest.ts";
import { turboFile } from "./task_caches.ts";

export interface Project {
  readonly folder: string;
  /** The configuration file; it need not exist. */
  readonly path: string;
  /** The file's name in its folder. */
  readonly name: string;
  readonly manifestPath: string;
  readonly bunfigPath: string;
  readonly attributesPath: string;
  readonly turboPath: string;
}

/**
 * The folder of the configuration file; while there is none, the nearest one with a package.json,
 * or else the working folder.
 */
export function locateProject({ cwd, env, file }: Context): Project {
  const found = findFile({ cwd, env, file });
  const path = found ?? join(manifestFolder(cwd) ?? cwd, FILE_NAME);
  const folder = dirname(path);
  return {
    folder,
    path,
    name: basename(path),
    manifestPath: join(folder, "package.json"),
    bunfigPath: join(folder, "bunfig.toml"),
    attributesPath: join(folder, ".gitattributes"),
    turboPath: join(
      folder,
      turboFile(scriptsOf(folder), (name) => existsSync(join(folder, name))),
    ),
  };
}

function scriptsOf(folder: string): Scripts {
  return parseManifest(readText(join(folder, "package.json")) ?? "")?.scripts ?? {};
}

/**
 * The folder of a package that a record above it counts for, as in a workspace.
 *
 * @param cwd where the command was started
 */
export function folderWithoutOwn(cwd: string, { folder }: Project): string | undefined {
  const own = manifestFolder(cwd);
  return own !== undefined && liesBelow(own, folder) ? own : undefined;
}

/** Whether programs that start in a folder preload us. */
export function preloadsUs(folder: string): boolean {
  const toml = parseIfToml(readText(join(folder, "bunfig.toml")) ?? "") ?? {};
  return ourPreloads(toml).top !== undefined;
}

function manifestFolder(cwd: string): string | undefined {
  for (const folder of foldersUpwards(resolve(cwd))) {
    if (existsSync(join(folder, "package.json"))) return folder;
  }
  return undefined;
}
