/** Installed folders against what Bun unpacked from tarballs whose digests it had just checked. */

import { readdirSync, readlinkSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import { readWhole } from "../../base/read_file.ts";
import { firstLines, printable } from "../../base/text.ts";
import { type InstalledPackage, installedPackages } from "./installed.ts";
import type { ProjectLock } from "./project_lock.ts";

const LINE_COUNT_MAX = 12;

/**
 * Compares every installed package of a registry, file by file.
 *
 * @param cache a cache folder that was empty before this install: all in it was downloaded and
 * checked by Bun against the lockfile
 * @throws ImmuconfigError `ERR_PACKAGES` naming the files that differ
 */
export function requireTreesAsPacked(project: ProjectLock, cache: string): void {
  const patched = new Set(project.lock.patchedDependencies.keys());
  const registry = new Set(
    project.lock.packages
      .filter(({ kind }) => kind === "npm")
      .map(({ name, resolution }) => `${name}@${resolution}`),
  );
  const unpacked = unpackedFolders(cache);
  const faults: string[] = [];
  for (const installed of installedPackages(project)) {
    const id = `${installed.name}@${installed.version}`;
    if (!registry.has(id) || patched.has(id)) continue;
    const folder = unpacked.get(id);
    if (folder === undefined) faults.push(`  ${printable(installed.path)}: was not downloaded`);
    else faults.push(...differentFiles(installed, folder));
  }
  if (faults.length === 0) return;
  throw new ImmuconfigError(
    "ERR_PACKAGES",
    `installed files are not those of their packages:\n${firstLines(faults, LINE_COUNT_MAX).join("\n")}`,
    { hint: "Scripts may have written them: look at them, or install with --ignore-scripts." },
  );
}

/** The cache's folders by name and version; Bun calls them `name@version@@host@@@1`. */
function unpackedFolders(cache: string): Map<string, string> {
  const folders = new Map<string, string>();
  const add = (scope: string, folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      if (scope === "" && entry.name.startsWith("@") && !entry.name.includes("@", 1)) {
        add(`${entry.name}/`, join(folder, entry.name));
      }
      const id = /^([^@]+@[^@]+)@@/.exec(entry.name)?.[1];
      if (id !== undefined) folders.set(scope + id, join(folder, entry.name));
    }
  };
  add("", cache);
  return folders;
}

function differentFiles({ path, name, version }: InstalledPackage, packed: string): string[] {
  const own = filesOf(path);
  const expected = filesOf(packed);
  const faults: string[] = [];
  for (const file of new Set([...own, ...expected])) {
    const isSame =
      own.has(file) && expected.has(file) && sameFile(join(path, file), join(packed, file));
    if (!isSame) faults.push(`  ${printable(`${name}@${version}`)}: ${printable(file)}`);
  }
  return faults;
}

/** Files and links below a folder, but for the packages that are installed inside it. */
function filesOf(folder: string): Set<string> {
  const files = new Set<string>();
  const pending = [folder];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (!entry.isDirectory()) files.add(relative(folder, path));
      else if (current !== folder || entry.name !== "node_modules") pending.push(path);
    }
  }
  return files;
}

function sameFile(a: string, b: string): boolean {
  try {
    const { size } = statSync(b);
    if (statSync(a).size !== size) return false;
    return Buffer.compare(readWhole(a, size), readWhole(b, size)) === 0;
  } catch {
    try {
      // A link that leads nowhere is the same where it leads the same way.
      return readlinkSync(a) === readlinkSync(b);
    } catch {
      return false;
    }
  }
}
