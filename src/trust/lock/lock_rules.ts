/**
 * What a `bun.lock` may hold. Bun itself accepts an empty or weak digest, a tarball on any host, and
 * what has no digest at all; here each is a finding with a rule's name.
 */

import { quote, parseUrl } from "../../base/text.ts";
import { count } from "../../base/units.ts";
import {
  type BunLock,
  DEPENDENCY_GROUPS,
  isInside,
  keyNames,
  type LockedPackage,
} from "./bun_lock.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./strict_jsonc.ts";

/** Rules that a user may allow by name: what they name is pinned, but by less than a digest. */
export const ALLOWABLE_RULES = ["file", "git", "override", "patch", "trusted", "url"] as const;
type AllowableRule = (typeof ALLOWABLE_RULES)[number];
/** Rules without exception. */
type HardRule = "alias" | "integrity" | "missing" | "path" | "registry";

export interface LockFinding {
  readonly rule: AllowableRule | HardRule;
  /** What it is about, in words: `a/b (b@1.0.0)`. */
  readonly about: string;
  readonly message: string;
}

/** Canonical URLs by scope: `default`, or `@scope`. */
export type PinnedRegistries = Readonly<Record<string, string>>;

const SHA512 = /^sha512-[A-Za-z0-9+/]{85}[AQgw]==$/;
const WEAK = /^(?:md5|sha1|sha256|sha384)-/;
/** A commit, whole: a branch or a tag can be moved. */
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** GitHub's short form is Bun's own for `github:` sources. */
const GITHUB = /^github:[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+#[0-9a-f]{7,64}$/;

/**
 * Judges a lockfile by every rule.
 *
 * @param registries that the record pins; without a `default`, tarballs cannot be judged
 * @returns findings in the order of the file; none for a lockfile of digests alone
 */
export function judgeLock(lock: BunLock, registries: PinnedRegistries): LockFinding[] {
  const aliases = aliasTargets(lock);
  const findings = lock.packages.flatMap((entry) => [
    ...judgeSource(entry, registries),
    ...judgeAlias(entry, aliases),
  ]);
  return [
    ...judgeRegistries(lock, registries),
    ...findings,
    ...judgeMissing(lock),
    ...judgeSettings(lock),
  ];
}

/** The findings that stop a user who allowed these rules. */
export function refusedFindings(
  findings: readonly LockFinding[],
  allowed: readonly string[],
): LockFinding[] {
  const canAllow = ALLOWABLE_RULES.filter((rule) => allowed.includes(rule));
  return findings.filter(({ rule }) => !canAllow.some((name) => name === rule));
}

/** A package in words. */
export function describePackage({ key, name, kind, resolution }: LockedPackage): string {
  const what = `${name}@${resolution}`;
  return key === name && kind === "npm" ? what : `${key} (${what})`;
}

type Verdict = readonly [rule: LockFinding["rule"], message: string];

function judgeSource(entry: LockedPackage, registries: PinnedRegistries): LockFinding[] {
  const about = describePackage(entry);
  return sourceVerdicts(entry, registries).map(([rule, message]) => ({ rule, about, message }));
}

function sourceVerdicts(entry: LockedPackage, registries: PinnedRegistries): Verdict[] {
  switch (entry.kind) {
    case "npm":
      return [...judgeDigest(entry.integrity), ...judgeTarball(entry, registries)];
    case "url":
      return [
        ...judgeDigest(entry.integrity),
        ["url", "it is a tarball by URL, which no registry answers for"],
      ];
    case "git":
      return isWholeCommit(entry)
        ? [["git", "it is fetched by git: a commit pins it, no digest does"]]
        : [["integrity", "it is fetched by git and no whole commit pins it"]];
    case "archive":
    case "folder":
    case "link":
    case "workspace":
      return judgePath(entry);
    case "root":
      return [];
    default:
      entry.kind satisfies never;
      return [];
  }
}

function judgePath({ kind, resolution, integrity }: LockedPackage): Verdict[] {
  const path = resolution.replace(/^(?:file|link|workspace):/, "").replace(/^\.\//, "");
  if (!isInside(path)) return [["path", `${quote(path)} is outside the project`]];
  if (kind === "workspace") return [];
  return [
    ...(kind === "archive" ? judgeDigest(integrity) : []),
    ["file", "it comes from a file of the project, not from a registry"],
  ];
}

function judgeDigest(integrity: string): Verdict[] {
  if (SHA512.test(integrity)) return [];
  if (integrity === "") return [["integrity", "it has no integrity digest"]];
  const kind = WEAK.test(integrity) ? "too weak" : "malformed";
  return [["integrity", `its integrity digest is ${kind}: ${quote(integrity)}`]];
}

/** The tarball must lie below the registry of the package's own scope. */
function judgeTarball({ name, tarball }: LockedPackage, registries: PinnedRegistries): Verdict[] {
  const registry = registryOf(name, registries);
  if (registry === undefined || tarball === "") return [];
  const url = parseUrl(tarball);
  const base = new URL(`${registry}/`);
  const isBelow =
    url !== null &&
    url.origin === base.origin &&
    url.pathname.startsWith(base.pathname) &&
    url.username === "" &&
    url.password === "" &&
    // In its one form: without `..`, and without what another parser could take for another place.
    tarball === url.href;
  return isBelow ? [] : [["registry", `its tarball ${quote(tarball)} is not below ${registry}`]];
}

/** Once, where the record does not say where packages come from. */
function judgeRegistries({ packages }: BunLock, registries: PinnedRegistries): LockFinding[] {
  const open = packages.filter(
    ({ kind, name }) => kind === "npm" && registryOf(name, registries) === undefined,
  );
  if (open.length === 0) return [];
  const message = "the record pins no registry for them: bun-config set registry URL";
  return [{ rule: "registry", about: count(open.length, "package"), message }];
}

/** The registry that a package's name is asked from. */
export function registryOf(name: string, registries: PinnedRegistries): string | undefined {
  const scope = name.startsWith("@") ? name.slice(0, name.indexOf("/")) : undefined;
  if (scope !== undefined && Object.hasOwn(registries, scope)) return registries[scope];
  return Object.hasOwn(registries, "default") ? registries["default"] : undefined;
}

function isWholeCommit({ resolution }: LockedPackage): boolean {
  if (resolution.startsWith("github:")) return GITHUB.test(resolution);
  return COMMIT.test(resolution.slice(resolution.lastIndexOf("#") + 1));
}

/**
 * A package under another name than its own is only right where a dependency asks for it
 * (`"x": "npm:y@1"`): else a lockfile could put any package in any other's place.
 */
function judgeAlias(entry: LockedPackage, aliases: ReadonlySet<string>): LockFinding[] {
  const asked = keyNames(entry.key).at(-1) ?? "";
  if (entry.kind !== "npm" || asked === entry.name) return [];
  if (aliases.has(`${asked}=${entry.name}`)) return [];
  const message = `no dependency asks for ${entry.name} under the name ${asked}`;
  return [{ rule: "alias", about: describePackage(entry), message }];
}

/** `alias=target` of every dependency that names its target. */
function aliasTargets(lock: BunLock): Set<string> {
  const targets = new Set<string>();
  const add = (alias: string, range: JsonValue): void => {
    if (typeof range !== "string" || !range.startsWith("npm:")) return;
    const target = range.slice("npm:".length);
    const at = target.indexOf("@", 1);
    targets.add(`${alias}=${at === -1 ? target : target.slice(0, at)}`);
  };
  const addAll = (map: JsonValue | undefined): void => {
    if (!isJsonObject(map)) return;
    for (const [alias, range] of map) {
      if (isJsonObject(range)) addAll(range);
      else add(alias, range);
    }
  };
  for (const object of dependents(lock)) {
    for (const group of DEPENDENCY_GROUPS) addAll(object.get(group));
  }
  addAll(lock.overrides);
  addAll(lock.catalog);
  for (const catalog of lock.catalogs.values()) addAll(catalog);
  return targets;
}

/** All that has dependencies: workspaces and packages. */
function dependents(lock: BunLock): JsonObject[] {
  const workspaces = [...lock.workspaces.values()].filter((value) => isJsonObject(value));
  return [...workspaces, ...lock.packages.map(({ info }) => info)];
}

/** A dependency of a workspace without an entry: Bun would look for one at install time. */
function judgeMissing(lock: BunLock): LockFinding[] {
  const keys = new Set(lock.packages.map(({ key }) => key));
  const findings: LockFinding[] = [];
  for (const [path, workspace] of lock.workspaces) {
    if (!isJsonObject(workspace)) continue;
    for (const group of ["dependencies", "devDependencies"] as const) {
      const wanted = workspace.get(group);
      const name = workspace.get("name");
      for (const dependency of isJsonObject(wanted) ? wanted.keys() : []) {
        if (
          keys.has(dependency) ||
          keys.has(`${typeof name === "string" ? name : ""}/${dependency}`)
        )
          continue;
        const message = `${path === "" ? "the project" : path} depends on it, and it is not locked`;
        findings.push({ rule: "missing", about: dependency, message });
      }
    }
  }
  return findings;
}

function judgeSettings(lock: BunLock): LockFinding[] {
  return [
    ...findEach("patch", lock.patchedDependencies.keys(), "a patch of the project changes it"),
    ...findEach("override", lock.overrides.keys(), "an override replaces what is asked for"),
    ...findEach("trusted", lock.trustedDependencies, "its install scripts may run"),
  ];
}

function findEach(rule: AllowableRule, names: Iterable<string>, message: string): LockFinding[] {
  return Array.from(names, (about) => ({ rule, about, message }));
}
