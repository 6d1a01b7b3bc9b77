/** What lies in node_modules, against the lockfile. */

import { type Dirent, lstatSync, readdirSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import { cannotRead, isMissing } from "../../base/fs_errors.ts";
import { isObject } from "../../base/json.ts";
import { INSTALLED_COUNT_MAX, SETTINGS_FILE_SIZE_MAX } from "../../base/limits.ts";
import { readTextIfThere } from "../../base/read_file.ts";
import { firstLines, printable } from "../../base/text.ts";
import { keyNames } from "../lock/bun_lock.ts";
import { requireListed } from "./checks.ts";
import { type ProjectLock, readProjectLock } from "./project_lock.ts";

export interface InstalledPackage {
  /** Its folder, absolute. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
}

const LINE_COUNT_MAX = 12;
/** Where Bun's isolated installs keep the packages themselves. */
const STORE = ".bun";

/**
 * Every installed package must be one that is locked, and those of the project must be there.
 *
 * @throws ImmuconfigError `ERR_PACKAGES` naming folders
 */
export function requireInstalledAsLocked(project: ProjectLock): void {
  // What may lie where, as "PLACE NAME", with the version where a registry has it: else one package could
  // stand in another's place.
  const locked = new Set<string>();
  for (const { key, name, kind, resolution } of project.lock.packages) {
    const what = kind === "npm" ? `${name}@${resolution}` : name;
    locked.add(`${name} ${what}`).add(`${keyNames(key).at(-1)} ${what}`);
  }
  const strangers = installedPackages(project)
    .filter(({ path, name, version }) => {
      const place = placeName(path);
      return !locked.has(`${place} ${name}@${version}`) && !locked.has(`${place} ${name}`);
    })
    .map(({ path, name, version }) => `  ${printable(path)}: ${printable(`${name}@${version}`)}`);
  if (strangers.length === 0) return;
  throw new ImmuconfigError(
    "ERR_PACKAGES",
    `packages are installed that the lockfile does not hold:\n${firstLines(strangers, LINE_COUNT_MAX).join("\n")}`,
    { hint: "Remove node_modules, and install anew: bun-config install." },
  );
}

/**
 * Bun takes what it finds out of the place of a package: where a clone's `node_modules` is a link, that is
 * somebody's files.
 *
 * @throws ImmuconfigError `ERR_PACKAGES` for one that leads out of the project
 */
export function requireOwnModules({ folder, lock }: ProjectLock): void {
  const top = realpathSync(folder);
  for (const workspace of lock.workspaces.keys()) {
    const modules = join(folder, workspace, "node_modules");
    const place = lstatSync(modules, { throwIfNoEntry: false }) === undefined ? ".." : ".";
    const real = realPathOf(join(modules, place));
    if (real !== undefined && (real === top || real.startsWith(top + sep))) continue;
    throw new ImmuconfigError(
      "ERR_PACKAGES",
      `${printable(modules)} leads to ${printable(real ?? "nowhere")}, outside of the project`,
      { hint: "Put a folder in the place of the link, or run Bun itself if that is meant." },
    );
  }
}

/** The name under which a program asks for what lies in a folder of node_modules. */
function placeName(path: string): string {
  const [scope = "", name = ""] = path.split(sep).slice(-2);
  return scope.startsWith("@") ? `${scope}/${name}` : name;
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cannotRead(path, cause);
  }
}

/**
 * A project whose record lists packages must have that lockfile, those settings, and nothing else
 * installed. A record without a list asks for nothing.
 *
 * @param folder of the project, without symbolic links
 * @param packages of the record
 * @throws ImmuconfigError `ERR_PACKAGES`, `ERR_NOT_FOUND` without a bun.lock
 */
export function requireAsListed(folder: string, packages: Uint8Array): void {
  if (packages.length === 0) return;
  const project = readProjectLock(folder);
  requireListed(project, packages);
  requireInstalledAsLocked(project);
}

/**
 * All that a program of the project could load as a package, whatever stands in its place. A link is one, too,
 * but for those of Bun's isolated installs, which lead to packages that are here themselves.
 */
export function installedPackages({ folder, lock }: ProjectLock): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const note = (path: string): void => {
    if (found.size === INSTALLED_COUNT_MAX) {
      throw new ImmuconfigError("ERR_PACKAGES", `more than ${INSTALLED_COUNT_MAX} packages`);
    }
    const own = nameAndVersion(path);
    if (own !== undefined) found.set(path, { path, ...own });
  };
  const links: string[] = [];
  const pending = Array.from(lock.workspaces.keys(), (path) => join(folder, path, "node_modules"));
  for (let modules = pending.pop(); modules !== undefined; modules = pending.pop()) {
    for (const { path, isLink } of placesIn(modules)) {
      if (isLink) links.push(path);
      else {
        note(path);
        pending.push(`${path}${sep}node_modules`);
      }
    }
  }
  const top = realpathSync(folder);
  for (const link of links) {
    const real = realPathOf(link);
    if (real === undefined) continue;
    const path = real.startsWith(top + sep) ? folder + real.slice(top.length) : real;
    if (!found.has(path)) note(link);
  }
  return [...found.values()];
}

interface PackagePlace {
  readonly path: string;
  readonly isLink: boolean;
}

/** The places of packages in a node_modules folder, those of scopes and of Bun's store too. */
function placesIn(modules: string): PackagePlace[] {
  const places: PackagePlace[] = [];
  for (const entry of entriesOf(modules)) {
    const { name } = entry;
    // Names of one folder, of which there are thousands, need no more than to be put together.
    const path = `${modules}${sep}${name}`;
    if (name === STORE) {
      for (const { name: stored } of entriesOf(path)) {
        // Beside the packages lie the links that all of them can see.
        const holder = stored === "node_modules" ? path : `${path}${sep}${stored}`;
        for (const each of placesIn(`${holder}${sep}node_modules`)) places.push(each);
      }
    } else if (name.startsWith("@") && !entry.isFile()) {
      for (const inner of entriesOf(path)) {
        places.push({ path: `${path}${sep}${inner.name}`, isLink: inner.isSymbolicLink() });
      }
    } else if (!name.startsWith(".")) {
      places.push({ path, isLink: entry.isSymbolicLink() });
    }
  }
  return places;
}

function entriesOf(folder: string): Dirent[] {
  try {
    // Most packages hold no others, and an error costs ten times a look.
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cannotRead(folder, cause);
  }
}

/** Whether there is anything to be loaded from what has no manifest. */
function holdsFiles(path: string): boolean {
  try {
    return readdirSync(path).some((name) => name !== "node_modules" && !name.startsWith("."));
  } catch {
    return true;
  }
}

function nameAndVersion(path: string): { name: string; version: string } | undefined {
  let manifest: unknown;
  try {
    // A pipe in its place would keep a start waiting for ever.
    const text = readTextIfThere(`${path}${sep}package.json`, SETTINGS_FILE_SIZE_MAX);
    if (text === undefined && !holdsFiles(path)) return undefined;
    manifest = text === undefined ? undefined : JSON.parse(text);
  } catch {
    manifest = undefined;
  }
  const { name, version } = isObject(manifest) ? manifest : {};
  return {
    name: typeof name === "string" ? name : "(no name)",
    version: typeof version === "string" ? version : "(no version)",
  };
}
