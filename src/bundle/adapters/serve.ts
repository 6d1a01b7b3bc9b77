/**
 * `immuconfig/serve`: for pages that `Bun.serve` bundles from HTML imports. Bun gives such a bundle
 * false for every flag and heeds no features from a plugin there, so this one replaces the text.
 */

import type { BunPlugin } from "bun";
import { recordPlugin } from "../build/bundler.ts";
import { formatDiagnostic } from "../source/diagnostic.ts";
import { languageOf } from "../source/language.ts";
import { transformSource } from "../source/transform.ts";
import { holdsNeedle } from "../source/needles.ts";
import { onSource } from "./data_imports.ts";
import { displayPath, loadBuildFlags, PLUGIN_NAME, today } from "./common.ts";

const plugin: BunPlugin = {
  name: PLUGIN_NAME,
  async setup(build) {
    // Once for the server's life: with hot reloading Bun loads only what was saved, and a page must not
    // have two states.
    const flags = loadBuildFlags({});
    await recordPlugin(flags).setup(build);
    onSource(build, (path, bytes) => {
      if (!holdsNeedle(bytes)) return undefined;
      const done = transformSource(bytes.toString("utf8"), displayPath(path), flags, today());
      if (done === undefined) return undefined;
      for (const warning of done.warnings) console.warn(formatDiagnostic(warning));
      return { contents: done.code, loader: languageOf(path) };
    });
  },
};

/**
 * In bunfig.toml:
 *
 * @example
 * [serve.static]
 * plugins = ["immuconfig/serve"]
 */
// oxlint-disable-next-line import/no-default-export -- Bun takes the plugin from the default export
export default plugin;
