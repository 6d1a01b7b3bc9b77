/** The folders of the packages in a project's workspaces. */

import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { alternativesOf, matchesGlob } from "../../../../base/glob.ts";
import { isObject } from "../../../../base/json.ts";
import { parseJsoncObject } from "../../../../base/jsonc.ts";
import { readText } from "../../../files/text_file.ts";

/** Packages looked at; a larger project is told of the first ones. */
const COUNT_MAX = 500;
/** Folders that `**` stands for. */
const FOLDERS_MAX = 10_000;

/** @returns absolute paths, in order; without the project's own */
export function workspaceFolders(folder: string): string[] {
  const found = new Set<string>();
  for (const pattern of workspacePatterns(folder)) {
    const plain = pattern.replace(/^\.\//, "").replace(/\/$/, "");
    for (const path of matchingFolders(folder, plain)) {
      if (!existsSync(join(path, "package.json"))) continue;
      found.add(path);
      if (found.size >= COUNT_MAX) break;
    }
  }
  return [...found].toSorted();
}

/** Name by name, so that only folders are read that may fit. */
function matchingFolders(folder: string, pattern: string): string[] {
  return alternativesOf(pattern).flatMap((plain) =>
    plain.split("/").reduce<string[]>(
      (folders, name) => {
        const next = folders.flatMap((from) => (name === "**" ? below(from) : step(from, name)));
        // Several `**` lead to one folder in many ways.
        return [...new Set(next)].slice(0, FOLDERS_MAX);
      },
      [folder],
    ),
  );
}

function step(folder: string, name: string): string[] {
  if (!/[*?[]/.test(name)) return [join(folder, name)];
  return subfolders(folder).filter((path) => matchesGlob(name, basename(path)));
}

function below(folder: string): string[] {
  return [folder, ...subfolders(folder).flatMap(below)].slice(0, FOLDERS_MAX);
}

/** Neither hidden ones, nor packages that were installed, nor what links lead to. */
function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .filter(({ name }) => name !== "node_modules" && !name.startsWith("."))
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

/** The text behind the dash of a line of YAML; undefined where there is none, or it takes a parser to tell. */
function listedItem(line: string): string | undefined {
  const item = line.trim();
  if (!item.startsWith("-")) return undefined;
  const text = item.slice(1).trim();
  const quoted = /^(["'])([^"'#]+)\1[ \t]*(?:#.*)?$/.exec(text);
  if (quoted !== null) return quoted[2];
  const plain = text.split("#", 1)[0]?.trim() ?? "";
  return plain === "" || /["']/.test(plain) ? undefined : plain;
}

/** Of package.json for Bun, npm and Yarn; of pnpm-workspace.yaml for pnpm. */
function workspacePatterns(folder: string): string[] {
  const manifest = parseJsoncObject(readText(join(folder, "package.json")) ?? "") ?? {};
  const named = manifest["workspaces"];
  const list = isObject(named) ? named["packages"] : named;
  const own = Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  const pnpm = join(folder, "pnpm-workspace.yaml");
  const yaml = (readText(pnpm) ?? "").replaceAll("\r\n", "\n");
  const packages = /^packages:[ \t]*\n((?:[ \t]*(?:-.*|#.*)?\n?)*)/m.exec(yaml)?.[1] ?? "";
  const listed = packages.split("\n").map(listedItem);
  return [...own, ...listed.filter((item) => item !== undefined)].filter(
    (pattern) => !/^[!/]/.test(pattern) && !pattern.split("/").includes(".."),
  );
}
