/**
 * `immuconfig/rspack`: a plugin of its own, because every step from Rspack to JavaScript costs it
 * more than what is done there. Its own patterns decide which files are looked at, and only the
 * files with something to replace get a loader: one that every file had would cost more than that
 * look, even if Rspack's `codeFilter` never ran it.
 */

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { RspackPluginInstance, RuleSetRule } from "@rspack/core";
import { type ImmuconfigOptions, loadBuildRecord } from "../record_features.ts";
import { SOURCE_FILE } from "../source/source_text.ts";
import { PLUGIN_NAME, SourceMarks } from "./common.ts";
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
      const state: LoaderState = { record: loadBuildRecord(options) };
      const marks = new SourceMarks();
      compiler.hooks.make.tap(PLUGIN_NAME, () => {
        state.record = loadBuildRecord(options);
        marks.forget();
      });
      compiler.options.module.rules.unshift(rule(state, marks));
    },
  };
}

/** For a source by its path, or, in a part of another file, by its query. */
function rule(state: LoaderState, marks: SourceMarks): RuleSetRule {
  const mayHold = (path: string): boolean => marks.mayHoldAt(path);
  const use = [{ loader: LOADER, options: { state } }];
  return {
    oneOf: [
      { resource: { and: [SOURCE_FILE, mayHold] }, enforce: "pre", use },
      { resourceQuery: SOURCE_FILE, oneOf: [{ resource: mayHold, enforce: "pre", use }] },
    ],
  };
}
