/**
 * What is left of a component when its compiler has made a script of it: where the markup uses the
 * function, the import is still there. A plugin behind all others, whatever the order in the list.
 */

import type { SourceMapPayload } from "node:module";
import type { RollupPlugin } from "unplugin";
import type { BuildFlags } from "../flags/build_flags.ts";
import { formatDiagnostic } from "../source/diagnostic.ts";
import { COMPONENT_ID, SOURCE_TEXT } from "../source/needles.ts";
import {
  loadBuildFlags,
  type PlacedOptions,
  PLUGIN_NAME,
  runsTests,
  type ViteSettings,
} from "./common.ts";
import { transformModule } from "./module_transform.ts";

/** For Rollup and Rolldown, whose hooks have an order. */
export function compiledComponents(options: PlacedOptions): RollupPlugin {
  const { transform, ...plugin } = lastPlugin(options);
  return { ...plugin, transform: { ...transform, order: "post" } };
}

/** For Vite, which does the rest of its own behind the last plugins. */
export function compiledComponentsInVite(
  options: PlacedOptions,
): RollupPlugin & { readonly enforce: "post"; configResolved(settings: ViteSettings): void } {
  const { transform, ...plugin } = lastPlugin(options);
  let isTest = false;
  return {
    ...plugin,
    enforce: "post",
    configResolved(settings) {
      isTest = runsTests(settings);
    },
    transform: {
      ...transform,
      handler(code, id) {
        return isTest ? undefined : transform.handler.call(this, code, id);
      },
    },
  };
}

function lastPlugin(options: PlacedOptions) {
  let flags: BuildFlags | undefined;
  return {
    name: `${PLUGIN_NAME}:components`,
    buildStart() {
      flags = loadBuildFlags(options);
    },
    transform: {
      filter: { id: COMPONENT_ID, code: SOURCE_TEXT },
      handler(code, id) {
        // Vite before 6.3 has no filters, and asks for every module.
        if (!COMPONENT_ID.test(id) || !SOURCE_TEXT.test(code)) return undefined;
        flags ??= loadBuildFlags(options);
        const done = transformModule(code, id, flags, () => combinedMap(this));
        if (done === undefined) return undefined;
        for (const warning of done.warnings) this.warn(formatDiagnostic(warning));
        return { code: done.code, map: done.map() };
      },
    },
  } satisfies RollupPlugin;
}

/** The map of all that was done to a module; unplugin's types do not tell of it. */
export function combinedMap(context: object): SourceMapPayload | undefined {
  const { getCombinedSourcemap } = context as { getCombinedSourcemap?: () => SourceMapPayload };
  return getCombinedSourcemap?.call(context);
}
