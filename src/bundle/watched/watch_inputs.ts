/** A look at the bundler's inputs from its own threads, by the native library. */

import type { BunPlugin } from "bun";

/**
 * Makes a plugin under which the library (src/bundler_inputs.zig) notes what the bundler reads. The
 * library has one list, so that one build of a process can be watched.
 *
 * @param library the path of the shared library
 * @throws Error where it cannot be loaded
 */
export function watchInputs(library: string): BunPlugin {
  const module = { exports: {} };
  process.dlopen(module, library);
  return {
    name: "immuconfig",
    setup(builder) {
      builder.onBeforeParse(
        { filter: /./ },
        { napiModule: module.exports, symbol: "immuconfig_before_parse" },
      );
    },
  };
}
