// The declarations that go into the packages: those that an exported one leads to, and no others.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { exportedTypes, type Package, ROOT } from "./packages.ts";

/** Types of `bun:bundle` come with the package's own: TypeScript copies no declarations by itself. */
const BUNDLE_MODULE = "runtime/bun_bundle.d.ts";

/** What a declaration leads to. */
const REFERENCE = /(?:\bfrom |\bimport |\bimport\(|<reference path=)"(\.[^"]+)"/g;

/** Writes the declarations of each package into its dist/. */
export function writeDeclarations(packages: readonly Package[]): void {
  const emitted = mkdtempSync(join(tmpdir(), "immuconfig-types-"));
  try {
    emit(emitted);
    for (const each of packages) {
      for (const path of reachable(emitted, exportedTypes(each))) {
        copy(join(emitted, path), join(ROOT, each.folder, "dist", path));
      }
    }
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

function emit(folder: string): void {
  const command = ["bun", "x", "--no-install", "tsc", "-p", "tsconfig.build.json"];
  const { exitCode } = Bun.spawnSync([...command, "--outDir", folder], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (exitCode !== 0) process.exit(1);
  copy(join(ROOT, "src", BUNDLE_MODULE), join(folder, BUNDLE_MODULE));
  const index = join(folder, "index.d.ts");
  writeFileSync(
    index,
    `/// <reference path="./${BUNDLE_MODULE}" />\n${readFileSync(index, "utf8")}`,
  );
}

/** @param entries relative to `folder`, as the result */
function reachable(folder: string, entries: readonly string[]): Set<string> {
  const seen = new Set(entries);
  for (const path of seen) {
    // Examples import what is not there.
    const text = readFileSync(join(folder, path), "utf8").replace(/^ *\*.*$/gm, "");
    for (const [, specifier = ""] of text.matchAll(REFERENCE)) {
      seen.add(join(dirname(path), specifier).replace(/(?<!\.d)\.ts$/, ".d.ts"));
    }
  }
  return seen;
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
