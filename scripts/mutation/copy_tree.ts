/** A copy of the tree, to be changed and thrown away. */

import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { Glob } from "bun";

/** The tracked files, what was built, and the packages by links: those of this tree to the copy's own. */
export function copyTree(root: string, copy: string): void {
  const listed = Bun.spawnSync(["git", "ls-files", "-z"], { cwd: root });
  const files = listed.stdout.toString().split("\0").filter(Boolean);
  const parts = new Glob("packages/*/dist").scanSync({ cwd: root, onlyFiles: false });
  const built = ["dist", "lib", ...parts].filter((path) => existsSync(join(root, path)));
  for (const path of [...files, ...built]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  linkPackages(realpathSync(root), copy, "node_modules");
}

function linkPackages(root: string, copy: string, folder: string): void {
  mkdirSync(join(copy, folder));
  for (const name of readdirSync(join(root, folder))) {
    const path = join(folder, name);
    const real = realpathSync(join(root, path));
    const place = relative(root, real);
    const isOurs = !place.startsWith("..") && !place.startsWith("node_modules");
    if (name.startsWith("@") && !isOurs) linkPackages(root, copy, path);
    else symlinkSync(isOurs ? join(copy, place) : real, join(copy, path));
  }
}
