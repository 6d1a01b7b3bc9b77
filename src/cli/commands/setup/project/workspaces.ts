/** The folders of the packages in a project's workspaces. */

import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { alternativesOf, matchesGlob } from "../../../../base/glob.ts";
import { isObject } from "../../../../base/json.ts";
import { parseJsoncObject } from "../../../../base/jsonc.ts";
import { readText } from "../../../files/text_file.ts";

/** Packages looked at; a larger project is told of the first ones. */
const COUNT_MAX = 500;
/** Folders that patterns are held against, again for each name of each pattern: no project makes this long. */
const LOOKS_MAX = 20_000;
/** Characters of a pattern: no longer path is one of the system's. */
const PATTERN_SIZE_MAX = 4096;

/** @returns absolute paths, in order; without the project's own */
export function workspaceFolders(folder: string): string[] {
  const found = new Set<string>();
  const folders = new Folders();
  for (const pattern of workspacePatterns(folder)) {
    if (pattern.length > PATTERN_SIZE_MAX) continue;
    const plain = pattern.replace(/^\.\//, "").replace(/\/$/, "");
    for (const path of folders.matching(folder, plain)) {
      if (found.size >= COUNT_MAX) return [...found].toSorted();
      if (existsSync(join(path, "package.json"))) found.add(path);
    }
  }
  return [...found].toSorted();
}

class Folders {
  /** What is in a folder that was read. */
  readonly #inside = new Map<string, readonly string[]>();
  #looks = 0;

  /** Name by name, so that only folders are read that may fit. */
  matching(folder: string, pattern: string): string[] {
    return alternativesOf(pattern).flatMap((plain) =>
      plain
        .split("/")
        .reduce<readonly string[]>(
          (folders, name) =>
            name === "**"
              ? this.#below(folders)
              : folders.flatMap((from) => this.#step(from, name)),
          [folder],
        ),
    );
  }

  #step(folder: string, name: string): readonly string[] {
    if (!/[*?[]/.test(name)) return this.#looked([join(folder, name)]);
    return this.#subfolders(folder).filter((path) => matchesGlob(name, basename(path)));
  }

  /** These, and all below them: several ways lead to one folder. */
  #below(folders: readonly string[]): string[] {
    const all = new Set(this.#looked(folders));
    for (const from of all) for (const path of this.#subfolders(from)) all.add(path);
    return [...all];
  }

  /** Neither hidden ones, nor packages that were installed, nor what links lead to. */
  #subfolders(folder: string): readonly string[] {
    let inside = this.#inside.get(folder);
    if (inside === undefined) {
      inside = subfolders(folder);
      this.#inside.set(folder, inside);
    }
    return this.#looked(inside);
  }

  /** Those of them for which there is time. */
  #looked(folders: readonly string[]): readonly string[] {
    const left = LOOKS_MAX - this.#looks;
    this.#looks += folders.length + 1;
    return left > 0 ? folders.slice(0, left) : [];
  }
}

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
