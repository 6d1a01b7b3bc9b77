/** `immuconfig/vite`, for Vite and Vitest. */

import { createHash } from "node:crypto";
import type { Plugin, Rolldown } from "vite";
import type { BuildFlags } from "../flags/build_flags.ts";
import { BUNDLE_IMPORT } from "../source/needles.ts";
import { type ImmuconfigOptions, loadBuildFlags, PLUGIN_NAME, unreplacedImport } from "./common.ts";
import { plugin } from "./plugin.ts";

export type { ImmuconfigOptions };

/**
 * Gives Vite the project's record: `feature()` and `Bun.config` become literals.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` or `ERR_RETIRED` for a name
 * in `features`. The build fails with `ERR_SOURCE` at a source that some bundler gets wrong.
 * @example
 * import { immuconfig } from "immuconfig/vite";
 * export default { plugins: [immuconfig()] }; // vite.config.ts, or vitest.config.ts
 */
export function immuconfig(options: ImmuconfigOptions = {}): Plugin[] {
  return [plugin.vite(options), forDependencies(options)];
}

/** What Vite does beside the modules that it transforms one by one. */
function forDependencies(options: ImmuconfigOptions): Plugin {
  return {
    name: `${PLUGIN_NAME}:dependencies`,
    enforce: "pre",
    config() {
      // The development server bundles packages ahead, and keeps them for as long as its settings
      // are the same. Of a plugin it looks at the name, so the name holds the record.
      const name = `${PLUGIN_NAME}:${digest(loadBuildFlags(options))}`;
      // Vite has a copy of Rolldown of its own, whose types are not quite the same.
      const bundled = { ...plugin.rolldown(options), name } as unknown as Rolldown.Plugin;
      return { optimizeDeps: { rolldownOptions: { plugins: [bundled] } } };
    },
    resolveId: {
      filter: { id: BUNDLE_IMPORT },
      // `scan` is not in Vite's types: it marks the search for packages, which reads sources that
      // nothing has transformed yet.
      handler(id, importer, { scan }: { isEntry: boolean; scan?: boolean }) {
        if (scan === true) return { id, external: true };
        throw unreplacedImport(importer);
      },
    },
  };
}

function digest({ byName, constants }: BuildFlags): string {
  const text = JSON.stringify([[...byName.values()], [...constants]]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
