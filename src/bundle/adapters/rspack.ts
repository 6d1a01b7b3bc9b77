/**
 * `immuconfig/rspack`: a plugin of its own, because Rspack can look by itself whether a file holds
 * anything to replace. A condition in JavaScript would be asked about every module.
 */

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { RspackPluginInstance, RuleSetRule } from "@rspack/core";
import { COMPONENT_ID, MODULE_ID, SOURCE_TEXT } from "../source/needles.ts";
import { loadBuildFlags } from "./common.ts";
import type { ImmuconfigOptions } from "./options.ts";
import {
  keyCache,
  readAtCompilation,
  replaceRecordRequests,
  warnOfStrayEntries,
} from "./pack_compiler.ts";
import type { LoaderState } from "./pack_loader.ts";

export type { ImmuconfigOptions };

/** The loader lies beside this file, built or not. */
const LOADER = fileURLToPath(new URL(`./pack_loader${extname(import.meta.url)}`, import.meta.url));

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
      const placed = { ...options, place: { root: compiler.context } };
      let flags = loadBuildFlags(placed);
      const state: LoaderState = {
        get flags() {
          return flags;
        },
      };
      keyCache(compiler.options.cache, flags);
      readAtCompilation(compiler, flags, () => (flags = loadBuildFlags(placed)));
      warnOfStrayEntries(compiler, placed);
      if (options.config !== "file") replaceRecordRequests(compiler, () => flags);
      compiler.options.module.rules.unshift(...rules(state));
    },
  };
}

/**
 * For a source or a component by its path, or, in a part of another file, by its query; and for what
 * is left of a component when its compiler has made a script of it.
 */
function rules(state: LoaderState): RuleSetRule[] {
  // Versions of Rspack that do not know `codeFilter` run the loader on every source.
  const use = [{ loader: LOADER, options: { state }, codeFilter: SOURCE_TEXT }];
  // Two rules, and not one with `oneOf`, which vue-loader would take for its own.
  return [
    { resource: MODULE_ID, enforce: "pre", use },
    { resource: { not: MODULE_ID }, resourceQuery: MODULE_ID, enforce: "pre", use },
    { resource: COMPONENT_ID, enforce: "post", use },
  ];
}
