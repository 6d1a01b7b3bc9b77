/** `immuconfig/webpack`. */

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Compiler, WebpackPluginInstance } from "webpack";
import type { BuildFlags } from "../flags/build_flags.ts";
import { COMPONENT_ID } from "../source/needles.ts";
import { loadBuildFlags, type PlacedOptions, PLUGIN_NAME } from "./common.ts";
import type { ImmuconfigOptions } from "./options.ts";
import { warnOfStrayEntries } from "./pack_compiler.ts";
import type { LoaderState } from "./pack_loader.ts";
import { plugin } from "./plugin.ts";

export type { ImmuconfigOptions };

/** The loader lies beside this file, built or not. */
const LOADER = fileURLToPath(new URL(`./pack_loader${extname(import.meta.url)}`, import.meta.url));

/**
 * Gives webpack the project's record: `feature()` and `Bun.config` become literals.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` or `ERR_RETIRED` for a name
 * in `features`. The build fails with `ERR_SOURCE` at a source that some bundler gets wrong.
 * @example
 * import { immuconfig } from "immuconfig/webpack";
 * export default { entry: "./app.js", plugins: [immuconfig()] }; // webpack.config.mjs
 */
export function immuconfig(options: ImmuconfigOptions = {}): WebpackPluginInstance {
  return {
    apply(compiler) {
      const placed = { ...options, place: { root: compiler.context } };
      plugin.webpack(placed).apply(compiler);
      warnOfStrayEntries(compiler, placed);
      readCompiledComponents(compiler, placed);
    },
  };
}

/** What is left of a component when its compiler has made a script of it. */
function readCompiledComponents(compiler: Compiler, options: PlacedOptions): void {
  let flags: BuildFlags | undefined;
  compiler.hooks.thisCompilation.tap(PLUGIN_NAME, () => (flags = undefined));
  const state: LoaderState = {
    get flags() {
      return (flags ??= loadBuildFlags(options));
    },
  };
  const use = [{ loader: LOADER, options: { state } }];
  compiler.options.module.rules.push({ resource: COMPONENT_ID, enforce: "post", use });
}
