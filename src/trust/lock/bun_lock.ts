/**
 * `bun.lock` as Bun 1.2 to 1.4 write it, read strictly: what is unknown is refused, because Bun
 * could act on what we skip. What the entries mean for safety is judged in `lock_rules.ts`.
 */

import { ImmuconfigError } from "../../base/errors.ts";
import { LOCKFILE_SIZE_MAX, PACKAGE_COUNT_MAX } from "../../base/limits.ts";
import { quote } from "../../base/text.ts";
import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseLockJson,
} from "./strict_jsonc.ts";

/** Where a package's bytes come from. */
type LockedKind = "npm" | "workspace" | "folder" | "link" | "root" | "archive" | "url" | "git";

export interface LockedPackage {
  /** Where it lies below node_modules: `a`, or `a/b` for the `b` inside `a`. */
  readonly key: string;
  /** The package's own name: another one than the key's last where an alias is installed. */
  readonly name: string;
  readonly kind: LockedKind;
  /** What follows `name@`: a version, a URL, a path. */
  readonly resolution: string;
  /** Of an npm package; empty for the one that follows from the registry in force. */
  readonly tarball: string;
  readonly info: JsonObject;
  /** Empty where there is none. */
  readonly integrity: string;
  /** Of a git source: the commit, or owner, repository and commit. */
  readonly checkout: string;
}

export interface BunLock {
  /** Its version, and that of the settings that an install takes for granted. */
  readonly versions: readonly [lockfile: JsonValue, config: JsonValue];
  /** By path; the root is the empty one. */
  readonly workspaces: JsonObject;
  readonly trustedDependencies: readonly string[];
  /** `name@version` to the patch's path. */
  readonly patchedDependencies: ReadonlyMap<string, string>;
  readonly overrides: JsonObject;
  readonly catalog: JsonObject;
  readonly catalogs: JsonObject;
  readonly packages: readonly LockedPackage[];
}

const EMPTY: JsonObject = new Map();
const VERSIONS: ReadonlySet<JsonValue | undefined> = new Set([1, 2]);
const CONFIG_VERSIONS: ReadonlySet<JsonValue | undefined> = new Set([undefined, 0, 1]);
const TOP_KEYS: ReadonlySet<string> = new Set([
  "lockfileVersion",
  "configVersion",
  "workspaces",
  "trustedDependencies",
  "patchedDependencies",
  "overrides",
  "catalog",
  "catalogs",
  "packages",
]);

export const DEPENDENCY_GROUPS = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
] as const;

type Shape = "texts" | "list" | "text" | "true" | "text or list" | "text or texts";

const HOLDS: Readonly<Record<Shape, (value: JsonValue) => boolean>> = {
  texts: isTexts,
  list: isTextList,
  text: isText,
  true: (value) => value === true,
  "text or list": (value) => isText(value) || isTextList(value),
  "text or texts": (value) => isText(value) || isTexts(value),
};

const COMMON_SHAPES: Readonly<Record<string, Shape>> = {
  dependencies: "texts",
  devDependencies: "texts",
  optionalDependencies: "texts",
  peerDependencies: "texts",
  optionalPeers: "list",
  bin: "text or texts",
  binDir: "text",
};
const WORKSPACE_SHAPES: Readonly<Record<string, Shape>> = {
  ...COMMON_SHAPES,
  name: "text",
  version: "text",
};
const INFO_SHAPES: Readonly<Record<string, Shape>> = {
  ...COMMON_SHAPES,
  os: "text or list",
  cpu: "text or list",
  libc: "text or list",
  bundled: "true",
  hasInstallScript: "true",
  unresolved: "list",
};

/** A name as it may become a folder of node_modules: no `..`, no separator but the scope's. */
const NAME = /^(?:@[A-Za-z0-9~_-][A-Za-z0-9~_.-]*\/)?[A-Za-z0-9~_!'()*-][A-Za-z0-9~_.!'()*-]*$/;
const NAME_SIZE_MAX = 214;
const SEMVER =
  /^\d{1,15}\.\d{1,15}\.\d{1,15}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const KEY_DEPTH_MAX = 64;

const KIND_OF_PREFIX: readonly (readonly [RegExp, LockedKind])[] = [
  [/^root:/, "root"],
  [/^workspace:/, "workspace"],
  [/^link:/, "link"],
  [/^(?:git\+|git:|github:|gitlab:|bitbucket:|ssh:|git@)/, "git"],
  [/^https?:\/\//, "url"],
  [/\.(?:tgz|tar\.gz)$/, "archive"],
  [/^file:/, "folder"],
];

/**
 * Reads the text of a `bun.lock`.
 *
 * @param file its path, for messages
 * @throws ImmuconfigError `ERR_PACKAGES` naming the place and the rule
 */
export function parseBunLock(text: string, file: string): BunLock {
  return new LockReader(file).read(text);
}

/** The names in a package's place: `["@s/a", "b"]` of `@s/a/b`. */
export function keyNames(key: string): string[] {
  const names: string[] = [];
  let scope: string | undefined;
  for (const part of key.split("/")) {
    if (scope !== undefined) {
      names.push(`${scope}/${part}`);
      scope = undefined;
    } else if (part.startsWith("@")) {
      scope = part;
    } else {
      names.push(part);
    }
  }
  if (scope !== undefined) names.push(scope);
  return names;
}

class LockReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  read(text: string): BunLock {
    if (text.length > LOCKFILE_SIZE_MAX) throw this.#fault(`more than ${LOCKFILE_SIZE_MAX} bytes`);
    const lock = parseLockJson(text, this.#file);
    if (!isJsonObject(lock)) throw this.#fault("it is no object");
    for (const key of lock.keys()) if (!TOP_KEYS.has(key)) throw this.#unknown(key, "the lockfile");
    const version = lock.get("lockfileVersion");
    if (!VERSIONS.has(version)) {
      throw this.#fault(`lockfileVersion is ${shown(version)}; 1 and 2 are understood`);
    }
    if (!CONFIG_VERSIONS.has(lock.get("configVersion"))) {
      throw this.#fault(`configVersion is ${shown(lock.get("configVersion"))}, not 0 or 1`);
    }
    const overrides = this.#object(lock, "overrides");
    for (const [key, value] of overrides) this.#checkOverride(value, `overrides.${key}`);
    const catalogs = this.#object(lock, "catalogs");
    for (const [key, value] of catalogs) this.#checkShape(value, "texts", () => `catalogs.${key}`);
    const catalog = this.#object(lock, "catalog");
    this.#checkShape(catalog, "texts", () => "catalog");
    return {
      versions: [version ?? null, lock.get("configVersion") ?? null],
      workspaces: this.#workspaces(lock),
      trustedDependencies: this.#texts(lock.get("trustedDependencies") ?? []),
      patchedDependencies: this.#patches(lock),
      overrides,
      catalog,
      catalogs,
      packages: this.#packages(lock),
    };
  }

  #workspaces(lock: JsonObject): JsonObject {
    const workspaces = this.#object(lock, "workspaces");
    if (!workspaces.has("")) throw this.#fault("workspaces lacks the root");
    for (const [path, workspace] of workspaces) {
      if (path !== "" && !isInside(path)) {
        throw this.#fault(`workspace ${quote(path)} is outside the project`);
      }
      this.#checkMembers(workspace, WORKSPACE_SHAPES, () => `workspace ${quote(path)}`);
    }
    return workspaces;
  }

  #packages(lock: JsonObject): LockedPackage[] {
    const packages = this.#object(lock, "packages");
    if (packages.size > PACKAGE_COUNT_MAX) {
      throw this.#fault(`more than ${PACKAGE_COUNT_MAX} packages`);
    }
    return Array.from(packages, ([key, entry]) => this.#package(key, entry));
  }

  #package(key: string, entry: JsonValue): LockedPackage {
    const names = keyNames(key);
    if (names.length > KEY_DEPTH_MAX || !names.every(isName)) {
      throw this.#fault(`${quote(key)} is no place of a package`);
    }
    if (!isJsonList(entry)) throw this.#fault(`package ${quote(key)} is no list`);
    const first = entry[0];
    const at = typeof first === "string" ? first.indexOf("@", 1) : -1;
    if (typeof first !== "string" || at === -1) {
      throw this.#fault(`package ${quote(key)} does not begin with name@version`);
    }
    const name = first.slice(0, at);
    const resolution = first.slice(at + 1);
    if (!isName(name)) throw this.#fault(`package ${quote(key)} has the name ${quote(name)}`);
    const kind = kindOf(resolution);
    if (kind === undefined) {
      throw this.#fault(`package ${quote(key)} comes from ${quote(resolution)}, which is unknown`);
    }
    return { key, name, kind, resolution, ...this.#parts(key, kind, entry) };
  }

  /** What follows the name, by kind. */
  #parts(key: string, kind: LockedKind, entry: readonly JsonValue[]) {
    const where = () => `package ${quote(key)}`;
    const { tarball, info, checkout, integrity, size } = partsOf(kind, entry);
    if (
      entry.length > size ||
      typeof tarball !== "string" ||
      typeof checkout !== "string" ||
      typeof integrity !== "string" ||
      !isJsonObject(info)
    ) {
      throw this.#fault(
        `${where()} has not the parts of ${kind === "npm" ? "an npm" : `a ${kind}`} package`,
      );
    }
    this.#checkMembers(info, INFO_SHAPES, where);
    return { tarball, info, checkout, integrity };
  }

  #object(lock: JsonObject, key: string): JsonObject {
    const value = lock.get(key) ?? EMPTY;
    if (!isJsonObject(value)) throw this.#fault(`${key} is no object`);
    return value;
  }

  #patches(lock: JsonObject): ReadonlyMap<string, string> {
    const patches = new Map<string, string>();
    for (const [name, path] of this.#object(lock, "patchedDependencies")) {
      if (typeof path !== "string" || !isInside(path)) {
        throw this.#fault(`the patch of ${quote(name)} is no file of the project`);
      }
      patches.set(name, path);
    }
    return patches;
  }

  #texts(value: JsonValue): string[] {
    this.#checkShape(value, "list", () => "trustedDependencies");
    return isJsonList(value) ? value.filter((text) => typeof text === "string") : [];
  }

  /** A version, or a map of the same where the override holds below one package alone. */
  #checkOverride(value: JsonValue, where: string): void {
    if (typeof value === "string") return;
    if (!isJsonObject(value)) throw this.#fault(`${where} is neither a version nor an object`);
    for (const [key, inner] of value) this.#checkOverride(inner, `${where}.${key}`);
  }

  /** @param where in words: written only for a message, because a lockfile has thousands of packages */
  #checkMembers(
    value: JsonValue,
    shapes: Readonly<Record<string, Shape>>,
    where: () => string,
  ): void {
    if (!isJsonObject(value)) throw this.#fault(`${where()} is no object`);
    for (const [key, member] of value) {
      const shape = Object.hasOwn(shapes, key) ? shapes[key] : undefined;
      if (shape === undefined) throw this.#unknown(key, where());
      this.#checkShape(member, shape, () => `${where()}.${key}`);
    }
  }

  #checkShape(value: JsonValue, shape: Shape, where: () => string): void {
    if (!HOLDS[shape](value)) throw this.#fault(`${where()} is not of the kind "${shape}"`);
  }

  #unknown(key: string, where: string): ImmuconfigError {
    return this.#fault(`${where} has the member ${quote(key)}, which is unknown`);
  }

  #fault(what: string): ImmuconfigError {
    return new ImmuconfigError("ERR_PACKAGES", `${this.#file}: ${what}`, {
      hint: "Restore the file from git. If a newer Bun wrote it, update immuconfig.",
    });
  }
}

function kindOf(resolution: string): LockedKind | undefined {
  if (SEMVER.test(resolution)) return "npm";
  return KIND_OF_PREFIX.find(([prefix]) => prefix.test(resolution))?.[1];
}

type Part = JsonValue | undefined;

interface Parts {
  readonly tarball: Part;
  readonly info: Part;
  readonly checkout: Part;
  readonly integrity: Part;
  /** How many parts an entry of this kind has at most, its name among them. */
  readonly size: number;
}

/** What follows the name, by its meaning. */
function partsOf(kind: LockedKind, entry: readonly JsonValue[]): Parts {
  const [first, second, third] = [entry[1], entry[2], entry[3]];
  if (kind === "npm") {
    return { tarball: first, info: second, checkout: "", integrity: third ?? "", size: 4 };
  }
  const none = { tarball: "", info: first, checkout: "", integrity: "", size: 2 };
  if (kind === "git") return { ...none, checkout: second, integrity: third ?? "", size: 4 };
  if (kind === "workspace") return { ...none, info: first ?? EMPTY };
  if (kind === "url" || kind === "archive") return { ...none, integrity: second ?? "", size: 3 };
  return none;
}

function isText(value: JsonValue): boolean {
  return typeof value === "string";
}

function isTextList(value: JsonValue): boolean {
  return isJsonList(value) && value.every(isText);
}

function isTexts(value: JsonValue): boolean {
  return isJsonObject(value) && [...value.values()].every(isText);
}

function isName(name: string): boolean {
  return name.length <= NAME_SIZE_MAX && NAME.test(name) && name !== "node_modules";
}

/** Whether a path with slashes stays in the folder that it is relative to. */
export function isInside(path: string): boolean {
  return (
    path !== "" &&
    !/^(?:[/\\]|[A-Za-z]:)/.test(path) &&
    !path.split(/[/\\]/).includes("..") &&
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    !/[\u0000-\u001f]/.test(path)
  );
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? "missing" : quote(JSON.stringify(value));
}
