/** What the build's benches work on: real libraries, and small modules that use 32 flags. */

import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineFlag } from "../../src/format/edit/define_flag.ts";
import { switchFlags } from "../../src/format/edit/switch_flags.ts";
import { type File, encodeFile } from "../../src/format/file.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { PEER_MODULES, requirePeer } from "./peers.ts";

/** Of the record, all of them used. */
const FLAG_COUNT = 32;
const LIBRARIES = ["three", "lodash-es", "rxjs", "react-dom/client"];

export interface BundleInput {
  /** Entry whose modules call `feature()`. */
  readonly feature: string;
  /** The same program with an identifier for each flag, which `define` replaces. */
  readonly defined: string;
  readonly define: Readonly<Record<string, string>>;
  /** The record with the same flags. */
  readonly record: string;
  /** The generated modules with `feature()`. */
  readonly modules: readonly string[];
}

/**
 * Writes the input below a folder.
 *
 * @param count of small modules
 * @param libraries whether to bundle the libraries, too
 */
export function writeInput(folder: string, count: number, libraries: boolean): BundleInput {
  const root = realpathSync(folder);
  if (libraries) {
    requirePeer("three");
    symlinkSync(PEER_MODULES, join(root, "node_modules"), "junction");
  }
  const feature = writeProgram(join(root, "feature"), count, libraries, true);
  const defined = writeProgram(join(root, "define"), count, libraries, false);
  return {
    feature: feature.entry,
    defined: defined.entry,
    define: Object.fromEntries(flags().map(({ name, on }) => [`__${name}__`, String(on)])),
    record: writeRecord(join(root, "bunfig.lockb")),
    modules: feature.modules,
  };
}

function flags(): { name: string; on: boolean }[] {
  return Array.from({ length: FLAG_COUNT }, (_, bit) => ({
    name: `FLAG_${bit}`,
    on: bit % 2 === 0,
  }));
}

function writeRecord(path: string): string {
  const base = defaultFile({ registry: "https://registry.example.test" });
  let file: File = { ...base, flags: [], meta: { registries: base.meta.registries ?? {} } };
  for (const { name, on } of flags()) {
    file = switchFlags([name], on)(defineFlag(name)(file));
  }
  writeFileSync(path, encodeFile(file));
  return path;
}

function writeProgram(folder: string, count: number, libraries: boolean, calls: boolean) {
  mkdirSync(folder);
  const indices = Array.from({ length: count }, (_, index) => index);
  const modules = indices.map((index) => {
    const path = join(folder, `module_${index}.ts`);
    writeFileSync(path, moduleText(index, calls));
    return path;
  });
  const names = libraries ? LIBRARIES : [];
  const entry = join(folder, "main.ts");
  writeFileSync(
    entry,
    `${names.map((name, index) => `import * as library${index} from "${name}";\n`).join("")}
${indices.map((index) => `import { list${index} } from "./module_${index}.ts";\n`).join("")}
const items = [{ id: 7, label: "x" }];
export const lists = [${indices.map((index) => `list${index}(items)`).join(", ")}];
export const sizes = [${names.map((_, index) => `Object.keys(library${index}).length`).join(", ")}];
`,
  );
  return { entry, modules };
}

function moduleText(index: number, calls: boolean): string {
  const flag = `FLAG_${index % FLAG_COUNT}`;
  const test = calls ? `feature("${flag}")` : `__${flag}__`;
  return `${calls ? 'import { feature } from "bun:bundle";\n' : `declare const __${flag}__: boolean;\n`}
export interface Item${index} {
  id: number;
  label: string;
}

/** Labels of the items, as list ${index} shows them. */
export function list${index}(items: readonly Item${index}[]): string[] {
  const labels: string[] = [];
  for (const item of items) {
    if (${test}) labels.push(\`on-${index}:\${Math.min(item.id, ${index})}\`);
    else labels.push(\`off-${index}:\${item.label}\`);
  }
  return ${test} ? labels.toReversed() : labels;
}
`;
}
