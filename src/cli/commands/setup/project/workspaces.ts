/** The folders of the packages in a project's workspaces. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "../../../../base/json.ts";
import { readText } from "../../../files/text_file.ts";
import { parseManifestObject } from "./manifest.ts";

/** Packages looked at; a larger project is told of the first ones. */
const COUNT_MAX = 500;

/** @returns absolute paths, in order; without the project's own */
export function workspaceFolders(folder: string): string[] {
  const found = new Set<string>();
  for (const pattern of workspacePatterns(folder)) {
    const glob = new Bun.Glob(`${pattern.replace(/^\.\//, "").replace(/\/$/, "")}/package.json`);
    for (const path of glob.scanSync({ cwd: folder, onlyFiles: true })) {
      if (path.split(/[/\\]/).includes("node_modules")) continue;
      found.add(join(folder, dirname(path)));
      if (found.size >= COUNT_MAX) break;
    }
  }
  return [...found].toSorted();
}

/** Of package.json for Bun, npm and Yarn; of pnpm-workspace.yaml for pnpm. */
function workspacePatterns(folder: string): string[] {
  const manifest = parseManifestObject(readText(join(folder, "package.json")) ?? "") ?? {};
  const named = manifest["workspaces"];
  const list = isObject(named) ? named["packages"] : named;
  const own = Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  const pnpm = join(folder, "pnpm-workspace.yaml");
  const yaml = existsSync(pnpm) ? (readText(pnpm) ?? "") : "";
  const packages = /^packages:[ \t]*\n((?:[ \t]*(?:-.*|#.*)?\n?)*)/m.exec(yaml)?.[1] ?? "";
  const listed = [...packages.matchAll(/^[ \t]*-[ \t]*(["']?)([^"'#\n]+?)\1[ \t]*(?:#.*)?$/gm)];
  return [...own, ...listed.map(([, , pattern = ""]) => pattern)].filter(
    (pattern) => !pattern.startsWith("!") && !pattern.startsWith("..") && !pattern.startsWith("/"),
  );
}
