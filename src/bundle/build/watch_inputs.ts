/** A look at the bundler's inputs from its own threads, by the native library. */

import type { BunPlugin } from "bun";
import { type Addon, loadAddon } from "../../native/addon.ts";

export interface InputWatch {
  /** For the one build of the process: the library has one list. */
  readonly plugin: BunPlugin;
  /** Knows what was seen. */
  readonly addon: Addon;
}

/**
 * Makes a plugin under which the library (src/bundle/build/input_observer.zig) notes what the bundler reads.
 *
 * @param library the path of the shared library
 * @throws Error where it cannot be loaded
 */
export function watchInputs(library: string): InputWatch {
  const addon = loadAddon(library);
  const plugin: BunPlugin = {
    name: "immuconfig",
    setup(builder) {
      builder.onBeforeParse(
        { filter: /./ },
        { napiModule: addon, symbol: "immuconfig_before_parse" },
      );
    },
  };
  return { plugin, addon };
}
