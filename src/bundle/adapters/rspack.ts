/**
 * `immuconfig/rspack`: a plugin of its own, because Rspack can look by itself whether a file holds
 * anything to replace. A condition in JavaScript would be asked about every module.
 */

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { RspackPluginInstance, RuleSetRule } from "@rspack/core";
import { SOURCE_FILE, SOURCE_TEXT } from "../source/needles.ts";
import { loadBuildFlags } from "./common.ts";
import type { ImmuconfigOptions } from "./options.ts";
import { keyCache, readAtCompilation, replaceRecordRequests } from "./pack_compiler.ts";
import type { LoaderState } from "./rspack_loader.ts";

export type { ImmuconfigOptions };

/** The loader lies beside this file, built or not. */
const LOADER = fileURLToPath(
  new URL(`./rspack_loader${extname(import.meta.url)}`, import.meta.url),
);

/**
 * Gives Rspack the project's record: `feature()` and `Bun.config` become literals.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` or `ERR_RETIRED` for a name
 * in `features`. The build fails with `ERR_SOURCE` at a source that some bundler gets wrong.
 * @example
 * import { immuconfig } from "immuconfig/rspack";
 * export default { entry: "./app.js", plugins: [immuconfig()] }; // rspack.config.mjs
 */
export function immuconfig(options: ImmuconfigOptions = {}): RspackPluginInstance {
  return {
    apply(compiler) {
      const state: LoaderState = { flags: loadBuildFlags(options) };
      keyCache(compiler.options.cache, state.flags);
      readAtCompilation(compiler, state.flags, () => (state.flags = loadBuildFlags(options)));
      if (options.config !== "file") replaceRecordRequests(compiler, () => state.flags);
      compiler.options.module.rules.unshift(rule(state));
    },
  };
}

/** For a source by its path, or, in a part of another file, by its query. */
function rule(state: LoaderState): RuleSetRule {
  // Versions of Rspack that do not know `codeFilter` run the loader on every source.
  const use = [{ loader: LOADER, options: { state }, codeFilter: SOURCE_TEXT }];
  return {
    oneOf: [
      { resource: SOURCE_FILE, enforce: "pre", use },
      { resourceQuery: SOURCE_FILE, enforce: "pre", use },
    ],
  };
}
