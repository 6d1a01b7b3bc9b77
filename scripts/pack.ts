// Packs the packages of this repository as they are published: `bun scripts/pack.ts FOLDER` builds what
// is stale, for every platform, and writes a .tgz of each into FOLDER.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { PACKAGES, ROOT } from "./build/packages.ts";

/**
 * Packs what is built.
 *
 * @param folder for the files; what it holds is removed
 * @returns the paths, immuconfig's first
 */
export function packPackages(folder: string): string[] {
  rmSync(folder, { recursive: true, force: true });
  return PACKAGES.map((each) => {
    const destination = join(folder, each.folder);
    mkdirSync(destination, { recursive: true });
    const words = ["pm", "pack", "--quiet", "--ignore-scripts", "--destination", destination];
    run([process.execPath, ...words], join(ROOT, each.folder));
    const name = readdirSync(destination).find((file) => file.endsWith(".tgz"));
    if (name === undefined) throw new Error(`${each.manifest.name} was not packed`);
    return join(destination, name);
  });
}

function run(command: readonly string[], cwd: string): void {
  const { exitCode, stderr } = Bun.spawnSync([...command], { cwd, stdin: "ignore" });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error("usage: bun scripts/pack.ts FOLDER");
  run([process.execPath, "scripts/build.ts", "--if-stale"], ROOT);
  run([process.execPath, "scripts/build_native.ts", "--all"], ROOT);
  for (const path of packPackages(resolve(folder))) console.log(path);
}
