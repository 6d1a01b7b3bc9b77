/** Whether what a project builds with gets the flags, and where it would take them. */

import { join } from "node:path";
import type { Environment } from "../../../../base/environment.ts";
import { isObject } from "../../../../base/json.ts";
import { parseJsoncObject } from "../../../../base/jsonc.ts";
import { BUNDLE_MODULE, MODULE_ID } from "../../../../bundle/source/needles.ts";
import { addCommand } from "../../../companions.ts";
import { filesBeside } from "../../../files/files_beside.ts";
import { peekAtText, readText } from "../../../files/text_file.ts";
import type { Project } from "./project.ts";
import { workspaceFolders } from "./workspaces.ts";

const BUILD = "@immuconfig/build";
const PLUGIN = "plugins: [immuconfig()]";

/** What takes an adapter, or has a bundler inside that does: its settings, the adapter, and where it goes. */
const PLACES: Readonly<Record<string, readonly [settings: string, adapter: string, put: string]>> =
  {
    nuxt: ["nuxt.config", "vite", `vite: { ${PLUGIN} }`],
    astro: ["astro.config", "vite", `vite: { ${PLUGIN} }`],
    next: [
      "next.config, for `next build --webpack`",
      "webpack",
      "webpack: (config) => (config.plugins.push(immuconfig()), config)",
    ],
    "electron-vite": ["electron.vite.config", "vite", PLUGIN],
    vite: ["vite.config", "vite", PLUGIN],
    tsdown: ["tsdown.config", "rolldown", PLUGIN],
    tsup: ["tsup.config", "esbuild", "esbuildPlugins: [immuconfig()]"],
    rollup: ["rollup.config", "rollup", PLUGIN],
    rolldown: ["rolldown.config", "rolldown", PLUGIN],
    webpack: ["webpack.config", "webpack", PLUGIN],
    "@rspack/core": ["rspack.config", "rspack", PLUGIN],
    esbuild: ["the settings of esbuild", "esbuild", PLUGIN],
    vitest: ["vitest.config", "vite", PLUGIN],
  };

const ADAPTER =
  /["'](?:@immuconfig\/build|immuconfig)\/(?:bun|bundle|esbuild|rolldown|rollup|rspack|serve|vite|webpack)["']/;

/** What a project builds with, while nothing in it takes an adapter. */
export interface Unfed {
  /** The bundlers, as package.json names them. */
  readonly bundlers: readonly string[];
  /** A source that asks for flags, which none of them gets. */
  readonly source: string | undefined;
  /** What to do. */
  readonly hint: string;
}

/**
 * Looks at the manifests of the project and its workspaces, and at the files beside the record.
 *
 * @returns undefined where there is no bundler, or some file names an adapter
 */
export function findUnfed({ folder, path }: Project, env: Environment): Unfed | undefined {
  const names = new Set([folder, ...workspaceFolders(folder)].flatMap(dependenciesOf));
  const bundlers = Object.keys(PLACES).filter((name) => names.has(name));
  if (bundlers.length === 0) return undefined;
  let source: string | undefined;
  for (const file of filesBeside(path)) {
    if (!MODULE_ID.test(file) || file.endsWith(".d.ts")) continue;
    const text = peekAtText(file);
    if (ADAPTER.test(text)) return undefined;
    if (text.includes(BUNDLE_MODULE)) source ??= file;
  }
  // One that others have inside is there for their sake.
  const [first = ""] = bundlers;
  const [settings, adapter, put] = PLACES[first] ?? ["", "", ""];
  const install = names.has(BUILD) ? "" : `\`${addCommand("build", env)}\`, then `;
  const hint = `${install}in ${settings}: import { immuconfig } from "immuconfig/${adapter}"; ${put}`;
  return { bundlers, source, hint };
}

function dependenciesOf(folder: string): string[] {
  const { dependencies, devDependencies } =
    parseJsoncObject(readText(join(folder, "package.json")) ?? "") ?? {};
  return [dependencies, devDependencies].flatMap((listed) =>
    isObject(listed) ? Object.keys(listed) : [],
  );
}
