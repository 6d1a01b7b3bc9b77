/**
 * The bundler's inputs, seen from its own threads by the native library
 * (src/bundle/build/input_observer.zig). One observer serves one build.
 */

import type { BunPlugin } from "bun";
import { findAddon } from "../../native/addon.ts";

/** What a script uses, as far as that can be told without a syntax tree. */
export type ObservedUses =
  /** Neither `bun:bundle` nor `Bun.config` stands in it. */
  | "nothing"
  /** It must be parsed. */
  | "unknown"
  /** The flag of each `feature()` call; there is nothing else to speak of. */
  | readonly string[];

/** Notes what a build reads. */
export interface BuildObserver {
  readonly plugin: BunPlugin;
  /**
   * For when the bundler is done.
   *
   * @returns what each script uses, by its absolute path; nothing when one could not be looked at
   */
  readonly uses: () => ReadonlyMap<string, ObservedUses> | undefined;
}

/** @returns nothing where the library was not built, or cannot be loaded */
export function openBuildObserver(): BuildObserver | undefined {
  const addon = findAddon();
  const handle = addon?.openObserver();
  if (addon === undefined || handle === undefined) return undefined;
  const hook = { napiModule: addon, symbol: "immuconfig_before_parse", external: handle };
  return {
    plugin: {
      name: "immuconfig-observer",
      setup: (builder) => void builder.onBeforeParse({ filter: /./ }, hook),
    },
    uses: () => readUses(addon.observedSources(handle)),
  };
}

/** @param text a path and what was noted of it, and so on, with NULs between */
function readUses(text: string | undefined): ReadonlyMap<string, ObservedUses> | undefined {
  if (text === undefined) return undefined;
  const parts = text.split("\0");
  const uses = new Map<string, ObservedUses>();
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const path = parts[index] ?? "";
    const noted = parts[index + 1] ?? "?";
    const [sign, ...names] = noted.split(",");
    uses.set(path, sign === "-" ? "nothing" : sign === "+" ? names : "unknown");
  }
  return uses;
}
