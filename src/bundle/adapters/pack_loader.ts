/** The loader behind `immuconfig/rspack`, and behind the compilers of components in webpack. */

import type { SourceMapPayload } from "node:module";
import type { LoaderContext } from "@rspack/core";
import type { BuildFlags } from "../flags/build_flags.ts";
import { formatDiagnostic } from "../source/diagnostic.ts";
import { transformModule } from "./module_transform.ts";

/** What the plugin and its loader share. A build that watches reads the record again. */
export interface LoaderState {
  readonly flags: BuildFlags;
}

type SourceMap = Parameters<LoaderContext["callback"]>[2];

/** Bytes, so that a file in which there is nothing to replace goes on as it came. */
export const raw = true;

/** @param map of the loaders before this one */
function replaceFlags(
  this: LoaderContext<{ state: LoaderState }>,
  source: Buffer,
  map?: SourceMap,
): void {
  const { flags } = this.getOptions().state;
  // A file, or its text, is no code.
  const isText = this._module.type.startsWith("asset");
  // First, so that a mistake that the record mends is mended.
  if (!isText) this.addDependency(flags.file);
  const id = `${this.resourcePath}${this.resourceQuery}`;
  const done = isText
    ? undefined
    : transformModule(source.toString("utf8"), id, flags, () => parsed(map));
  if (done === undefined) {
    this.callback(null, source, map);
    return;
  }
  for (const warning of done.warnings) this.emitWarning(new Error(formatDiagnostic(warning)));
  // Nothing moves, so the map of an earlier loader stays right.
  const ownMap = this.sourceMap && !hasMappings(map);
  this.callback(null, done.code, ownMap ? done.map(this.resourcePath).toString() : map);
}

function hasMappings(map: SourceMap): boolean {
  const mappings = parsed(map)?.mappings;
  return mappings !== undefined && mappings !== "";
}

function parsed(map: SourceMap): SourceMapPayload | undefined {
  const object: unknown = typeof map === "string" ? JSON.parse(map) : map;
  return object as SourceMapPayload | undefined;
}

// oxlint-disable-next-line import/no-default-export -- Rspack takes a loader from the default export
export default replaceFlags;
