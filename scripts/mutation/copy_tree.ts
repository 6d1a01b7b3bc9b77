/** A copy of the tree, to be changed and thrown away. */

import { cpSync, existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";

/** The tracked files, what was built, and the packages by a link. */
export function copyTree(root: string, copy: string): void {
  const listed = Bun.spawnSync(["git", "ls-files", "-z"], { cwd: root });
  const files = listed.stdout.toString().split("\0").filter(Boolean);
  const parts = new Glob("packages/*/dist").scanSync({ cwd: root, onlyFiles: false });
  const built = ["dist", "lib", ...parts].filter((path) => existsSync(join(root, path)));
  for (const path of [...files, ...built]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
}
