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

const ADAPTER = /["'](?:@immuconfig\/build|immuconfig)\/(\w+)["']/g;
const ADAPTERS = new Set([
  ...Object.values(PLACES).map(([, adapter]) => adapter),
  "bun",
  "bundle",
  "serve",
]);
const BUN_BUILD = /\bBun\.build\(/;
const HTML_IMPORT = /\bfrom\s*["'][^"']+\.html["']/;
const BUN_SERVE = /\bBun\.serve\b|\bfrom\s*["']bun["']/;

/** What a project builds with, while nothing in it takes an adapter. */
export interface Unfed {
  /** The bundlers, as package.json or a source names them. */
  readonly bundlers: readonly string[];
  /** A source that asks for flags, which none of them gets. */
  readonly source: string | undefined;
  /** What to do. */
  readonly hint: string;
}

/** Looks at the manifests of the project and its workspaces, and at the files beside the record. */
export function findUnfed({ folder, path, bunfigPath }: Project, env: Environment): Unfed[] {
  const names = new Set([folder, ...workspaceFolders(folder)].flatMap(dependenciesOf));
  const { source, adapters, hasBuild, hasPages } = lookAtSources(path);
  const install = names.has(BUILD) ? "" : `\`${addCommand("build", env)}\`, then `;
  const unfed = (bundlers: readonly string[], hint: string): Unfed => ({
    bundlers,
    source,
    hint: install + hint,
  });
  const bundlers = Object.keys(PLACES).filter((name) => names.has(name));
  // One that others have inside is there for their sake.
  const place = adapters.size > 0 ? undefined : PLACES[bundlers[0] ?? ""];
  const isBuilt = ["bun", "bundle"].some((name) => adapters.has(name));
  const isServed = peekAtText(bunfigPath).includes("immuconfig/serve");
  return [
    ...(place === undefined ? [] : [unfed(bundlers, inSettings(...place))]),
    ...(hasBuild && !isBuilt
      ? [unfed(["Bun.build"], inSettings("the options of Bun.build", "bun", PLUGIN))]
      : []),
    ...(hasPages && !isServed
      ? [
          unfed(
            ["Bun.serve"],
            'in bunfig.toml, under [serve.static]: "immuconfig/serve" in plugins',
          ),
        ]
      : []),
  ];
}

function inSettings(settings: string, adapter: string, put: string): string {
  return `in ${settings}: import { immuconfig } from "immuconfig/${adapter}"; ${put}`;
}

function lookAtSources(path: string) {
  const adapters = new Set<string>();
  let source: string | undefined;
  let [hasBuild, hasPages] = [false, false];
  for (const file of filesBeside(path)) {
    if (!MODULE_ID.test(file) || file.endsWith(".d.ts")) continue;
    const text = peekAtText(file);
    for (const [, name = ""] of text.matchAll(ADAPTER)) if (ADAPTERS.has(name)) adapters.add(name);
    if (text.includes(BUNDLE_MODULE)) source ??= file;
    hasBuild ||= BUN_BUILD.test(text);
    hasPages ||= HTML_IMPORT.test(text) && BUN_SERVE.test(text);
  }
  return { source, adapters, hasBuild, hasPages };
}

function dependenciesOf(folder: string): string[] {
  const { dependencies, devDependencies } =
    parseJsoncObject(readText(join(folder, "package.json")) ?? "") ?? {};
  return [dependencies, devDependencies].flatMap((listed) =>
    isObject(listed) ? Object.keys(listed) : [],
  );
}
