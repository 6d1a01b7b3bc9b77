/** `immuconfig/bun`: Bun replaces and eliminates by itself; the plugin tells it the record. */

import { readSource } from "../../base/read_file.ts";
import type { BunPlugin, PluginBuilder } from "bun";
import { ImmuconfigError } from "../../base/errors.ts";
import { type BuildFlags, enabledFlags } from "../flags/build_flags.ts";
import { recordDefines } from "../flags/record_module.ts";
import { recordPlugin } from "../build/bundler.ts";
import { openComponent, scanComponent } from "../source/component/component.ts";
import { componentKind } from "../source/component/script_parts.ts";
import { diagnose, formatDiagnostic, SourceError, warningsOf } from "../source/diagnostic.ts";
import { checkSource, transformComponent } from "../source/transform.ts";
import { onSource } from "./data_imports.ts";
import { COMPONENT_ID, holdsNeedle, SOURCE_TEXT } from "../source/needles.ts";
import { displayPath, loadBuildFlags, PLUGIN_NAME, today } from "./common.ts";
import type { ImmuconfigOptions } from "./options.ts";
import { strayEntries } from "./stray_entries.ts";

export type { ImmuconfigOptions };

/**
 * Gives `Bun.build` the project's record, and stops it at sources that it would build wrongly.
 *
 * @throws ImmuconfigError when the record cannot be read; `ERR_VALUE` for an unknown flag in
 * `features`; `ERR_BUNDLER` when this Bun takes no features from a plugin
 * @example
 * import { immuconfig } from "immuconfig/bun";
 * await Bun.build({ entrypoints: ["app.ts"], minify: { syntax: true }, plugins: [immuconfig()] });
 */
export function immuconfig(options: ImmuconfigOptions = {}): BunPlugin {
  return {
    name: PLUGIN_NAME,
    async setup(build) {
      const flags = loadBuildFlags(options);
      for (const text of strayEntries(options, build.config.entrypoints)) console.warn(text);
      await (proof ??= proveFeatures());
      setFeatures(build, flags);
      if (options.config !== "file") await recordPlugin(flags).setup(build);
      onSource(build, (path, bytes) => check(path, bytes, flags));
      // A plugin that stands before this one has read it already.
      build.onLoad({ filter: COMPONENT_ID, namespace: "file" }, ({ path }) => {
        checkComponent(path, readSource(path), flags);
        return undefined;
      });
    },
  };
}

/** `features` of the build's configuration is documented for `Bun.build`, but not for plugins. */
interface FeatureConfig {
  features?: string[];
  define?: Record<string, string>;
}

function setFeatures(build: PluginBuilder, flags: BuildFlags): void {
  const config: FeatureConfig = build.config;
  const names = enabledFlags(flags);
  const foreign = config.features?.find((name) => !names.includes(name));
  if (foreign !== undefined) {
    throw new ImmuconfigError("ERR_BUNDLER", `features: ["${foreign}"] contradicts the record`, {
      hint: `Give it to the plugin: immuconfig({ features: { ${foreign}: true } }).`,
    });
  }
  config.features = names;
  config.define = { ...recordDefines(flags), ...config.define };
}

function check(path: string, bytes: Buffer, flags: BuildFlags): undefined {
  if (!holdsNeedle(bytes)) return;
  const code = bytes.toString("utf8");
  const { diagnostics } = checkSource(code, displayPath(path), flags, today());
  for (const warning of warningsOf(diagnostics)) console.warn(formatDiagnostic(warning));
}

/** What Bun sets in the script that a plugin makes of a component. */
function checkComponent(path: string, bytes: Buffer, flags: BuildFlags): void {
  const kind = componentKind(path);
  if (kind === undefined || !holdsNeedle(bytes)) return;
  const code = bytes.toString("utf8");
  const file = displayPath(path);
  transformComponent(code, file, kind, { flags, today: today() });
  if (kind !== "vue") return;
  const component = openComponent(code, kind);
  const inMarkup = scanComponent(component, file, (text) => SOURCE_TEXT.test(text))
    .flatMap(({ scan }) => scan.calls)
    .filter(({ start }) => component.markup[start] !== " ");
  if (inMarkup.length === 0) return;
  throw new SourceError(
    inMarkup.map(({ start }) =>
      diagnose(
        {
          rule: "position",
          start,
          message: "Bun does not decide a flag in a template: Vue asks for it through a function",
          fix: 'Decide it in the script: const isOn = feature("NAME") ? true : false; and use isOn here.',
        },
        code,
        file,
      ),
    ),
  );
}

let proof: Promise<void> | undefined;

/** Builds a module of one line, to see that this Bun heeds what a plugin sets. */
async function proveFeatures(): Promise<void> {
  const path = "/immuconfig-probe.js";
  const result = await Bun.build({
    entrypoints: [path],
    files: {
      [path]:
        'import { feature } from "bun:bundle"; if (feature("P")) globalThis.on = Bun.config.p;',
    },
    minify: { syntax: true },
    plugins: [
      {
        name: `${PLUGIN_NAME}-probe`,
        setup(build) {
          const config: FeatureConfig = build.config;
          config.features = ["P"];
          config.define = { "Bun.config.p": "12321" };
        },
      },
    ],
  });
  const text = await result.outputs[0]?.text();
  if (text?.includes("globalThis.on = 12321") === true) return;
  throw new ImmuconfigError("ERR_BUNDLER", `Bun ${Bun.version} takes no features from a plugin`, {
    hint: "Use `bun-config build`, or another version of Bun.",
  });
}
