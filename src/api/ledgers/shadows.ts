/**
 * The bundler looks for a package in every node_modules on the way up, and for settings in every
 * package.json. What lies above the sources is the server's: a program that asks for it in a `try` would
 * hear whether it is there. So a package of that name that gives nothing lies nearer, and ends the search.
 */

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { foldersUpwards } from "../../base/walk_up.ts";

/** `exports` of nothing: a search that comes here finds that there is nothing, and goes no further. */
const NOTHING = '{"exports":{}}';
/** Its maps are empty, or of nothing that is asked for: those of a folder above hold no more. */
const OWN_SCOPE = '{"name":"jail","browser":{"./.":"./."},"imports":{},"exports":{}}';
const PACKAGES = "node_modules";

/**
 * Hides what lies above from who builds the sources.
 *
 * @param root of the sources, in a node_modules of its own; what is pushed is found before what is hidden
 */
export function hideAbove(root: string): void {
  const packages = dirname(root);
  const jail = dirname(packages);
  writeFileSync(join(jail, "package.json"), OWN_SCOPE, { mode: 0o600 });
  const names = new Set<string>();
  for (const folder of foldersUpwards(dirname(jail))) {
    for (const name of packagesIn(join(folder, PACKAGES))) names.add(name);
  }
  names.delete(basename(root));
  for (const name of names) {
    const folder = join(packages, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "package.json"), NOTHING, { mode: 0o600 });
  }
}

/** Files can be asked for with and without what follows the last dot. */
function packagesIn(folder: string): string[] {
  return namesIn(folder).flatMap((name) => {
    if (!name.startsWith("@")) return [name, basename(name, extname(name))];
    return namesIn(join(folder, name)).map((own) => join(name, own));
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith("."));
  } catch {
    // What cannot be listed cannot be found either.
    return [];
  }
}

/** A package and a path in it, as their words alone say: nothing else than a node_modules is looked at for it. */
const OF_A_PACKAGE = /^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*(?:\/|$)/;
const OF_THE_PLATFORM = /^(?:node|bun|https?|data):/;
const OTHER_FOLDER = /(?:^|[/\\])\.{1,2}(?:[/\\]|$)|\\/;

/**
 * Whether an import that leads to nothing could have led to what {@link hideAbove} does not hide: its answer
 * must be the one of what is there.
 */
export function isUnbounded(specifier: string): boolean {
  if (OTHER_FOLDER.test(specifier)) return true;
  if (OF_A_PACKAGE.test(specifier)) return specifier.endsWith("/package.json");
  return !OF_THE_PLATFORM.test(specifier);
}
