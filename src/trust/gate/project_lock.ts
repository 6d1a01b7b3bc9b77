/** Reads all of a project that decides what an install does, as entries for the record's list. */

import { join } from "node:path";
import { LOCKFILE_SIZE_MAX, SETTINGS_FILE_SIZE_MAX } from "../../base/limits.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { isObject } from "../../base/json.ts";
import { readTextIfThere, readWhole } from "../../base/read_file.ts";
import { parseBunfig } from "../../registry/bunfig_registry.ts";
import { type BunLock, parseBunLock } from "../lock/bun_lock.ts";
import { type IndexEntry, indexLock, indexSetting } from "../lock/package_index.ts";
import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseManifestJson,
} from "../lock/strict_jsonc.ts";

export interface ProjectLock {
  /** The project's folder, absolute. */
  readonly folder: string;
  /** The lockfile's, as it was read. */
  readonly text: string;
  readonly lock: BunLock;
  readonly entries: readonly IndexEntry[];
}

/** Scripts of a package that an install of its project runs. */
const INSTALL_SCRIPTS = [
  "preinstall",
  "install",
  "postinstall",
  "preprepare",
  "prepare",
  "postprepare",
];
/** What a `.npmrc` holds for one user alone. */
const CREDENTIAL = /^(?:[^=]*:)?(?:_auth|_authToken|_password|username|email)\s*=/;

/**
 * @param folder of bun.lock, package.json and bunfig.toml
 * @throws ImmuconfigError `ERR_NOT_FOUND` without a bun.lock; `ERR_PACKAGES`; `ERR_READ`
 */
export function readProjectLock(folder: string): ProjectLock {
  const path = join(folder, "bun.lock");
  const text = readText(path, LOCKFILE_SIZE_MAX);
  const own = readStrictManifest(folder, "");
  const trusted = trustedIn(own, folder);
  const parsed = parseBunLock(text, path);
  // Bun goes by package.json, and says nothing where bun.lock has less.
  const trustedDependencies = [...new Set([...parsed.trustedDependencies, ...(trusted ?? [])])];
  const lock = { ...parsed, trustedDependencies };
  const entries = [
    ...indexLock(lock, (patch) => readWhole(join(folder, patch), LOCKFILE_SIZE_MAX)),
    ...bunfigEntries(folder),
    ...npmrcEntries(folder),
    ...trustEntries(trusted),
    ...Array.from(lock.workspaces.keys()).flatMap((workspace) =>
      scriptEntries(workspace, workspace === "" ? own : readStrictManifest(folder, workspace)),
    ),
  ];
  return { folder, text, lock, entries };
}

/** @throws ImmuconfigError `ERR_PACKAGES` when the lockfile is another than it was */
export function requireSameLock({ folder, text }: ProjectLock): void {
  const path = join(folder, "bun.lock");
  if (readText(path, LOCKFILE_SIZE_MAX) === text) return;
  throw new ImmuconfigError("ERR_PACKAGES", `${path} changed during the install`, {
    hint: "Restore it from git, remove node_modules, and install anew.",
  });
}

function readText(path: string, sizeMax: number): string {
  const bytes = readWhole(path, sizeMax);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ImmuconfigError("ERR_PACKAGES", `${path} is no UTF-8`, {
      hint: "Restore the file from git.",
      cause,
    });
  }
}

/** What bunfig.toml says about installs and what runs before them, but for the registries. */
function bunfigEntries(folder: string): IndexEntry[] {
  const path = join(folder, "bunfig.toml");
  const text = readTextIfThere(path, SETTINGS_FILE_SIZE_MAX);
  if (text === undefined) return [];
  const { install, preload, run } = parseBunfig(text, path);
  const { registry: _registry, scopes: _scopes, ...rest } = isObject(install) ? install : {};
  const settings = jsonValue({ install: rest, preload, run });
  return indexSetting("bunfig.toml", "install settings of bunfig.toml", settings);
}

function npmrcEntries(folder: string): IndexEntry[] {
  const text = readTextIfThere(join(folder, ".npmrc"), SETTINGS_FILE_SIZE_MAX);
  if (text === undefined) return [];
  const lines = text
    .split(/\r?\n/)
    .filter((line) => !CREDENTIAL.test(line.trimStart()) && line.trim() !== "");
  return indexSetting(".npmrc", ".npmrc", lines);
}

/** Without a list, Bun trusts some by itself: an empty one is a setting, too. */
function trustEntries(trusted: readonly string[] | undefined): IndexEntry[] {
  if (trusted === undefined) return [];
  const about = "trustedDependencies of package.json";
  return indexSetting("trusted", about, new Map([["names", trusted.toSorted()]]));
}

/** @throws ImmuconfigError `ERR_PACKAGES` for what is no list of names */
function trustedIn(manifest: JsonObject, folder: string): readonly string[] | undefined {
  const value = manifest.get("trustedDependencies");
  if (value === undefined) return undefined;
  if (isJsonList(value) && value.every((name) => typeof name === "string")) return value;
  throw new ImmuconfigError(
    "ERR_PACKAGES",
    `trustedDependencies of ${join(folder, "package.json")} is no list of names`,
    { hint: "Fix the file: Bun reads it at every install." },
  );
}

function scriptEntries(workspace: string, manifest: JsonObject): IndexEntry[] {
  const scripts = manifest.get("scripts");
  const own = new Map<string, JsonValue>();
  for (const name of INSTALL_SCRIPTS) {
    const script = isJsonObject(scripts) ? scripts.get(name) : undefined;
    if (script !== undefined) own.set(name, script);
  }
  const about = `install scripts of ${workspace === "" ? "package.json" : workspace}`;
  return indexSetting(`scripts ${workspace}`, about, own);
}

/** @throws ImmuconfigError `ERR_PACKAGES` for what Bun and another parser could read differently */
function readStrictManifest(folder: string, workspace: string): JsonObject {
  const path = join(folder, workspace, "package.json");
  const manifest = parseManifestJson(readText(path, SETTINGS_FILE_SIZE_MAX), path);
  return isJsonObject(manifest) ? manifest : new Map();
}

/** An empty table says as much as none. */
function isNothing(value: unknown): boolean {
  return value === undefined || (isObject(value) && Object.keys(value).length === 0);
}

/** Plain values as the index compares them. */
function jsonValue(value: unknown): JsonValue {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return value.map(jsonValue);
  if (!isObject(value)) return JSON.stringify(value) ?? null;
  const members = Object.entries(value).filter(([, member]) => !isNothing(member));
  return new Map(members.map(([key, member]) => [key, jsonValue(member)]));
}
