/**
 * The bundler's inputs, seen from its own threads by the native library
 * (src/bundle/build/input_observer.zig). One observer serves one build.
 */

import type { PluginBuilder } from "bun";
import { type Addon, findAddon, type InputObserver } from "../../native/addon.ts";

/** What a script uses, as far as that can be told without a syntax tree. */
export type ObservedUses =
  /** Neither `bun:bundle` nor `Bun.config` stands in it. */
  | "nothing"
  /** It must be parsed. */
  | "unknown"
  /** The flag of each `feature()` call; there is nothing else to speak of. */
  | readonly string[];

/** Notes what a build reads. */
export class BuildObserver {
  readonly #addon: Addon;
  readonly #handle: InputObserver;

  constructor(addon: Addon, handle: InputObserver) {
    this.#addon = addon;
    this.#handle = handle;
  }

  /** For the `setup` of a plugin of the build. */
  attach(builder: PluginBuilder): void {
    builder.onBeforeParse(
      { filter: /./ },
      {
        napiModule: this.#addon,
        symbol: "immuconfig_before_parse",
        external: this.#handle,
      },
    );
  }

  /**
   * For when the bundler is done.
   *
   * @returns what each script uses, by its absolute path; nothing when one could not be looked at
   */
  uses(): ReadonlyMap<string, ObservedUses> | undefined {
    const parts = this.#addon.observedSources(this.#handle)?.split("\0");
    if (parts === undefined) return undefined;
    const uses = new Map<string, ObservedUses>();
    for (let index = 0; index + 1 < parts.length; index += 2) {
      const path = parts[index] ?? "";
      const noted = parts[index + 1] ?? "?";
      const [sign, ...names] = noted.split(",");
      uses.set(path, sign === "-" ? "nothing" : sign === "+" ? names : "unknown");
    }
    return uses;
  }
}

/** @returns nothing where the library was not built, or cannot be loaded */
export function openBuildObserver(): BuildObserver | undefined {
  const addon = findAddon();
  const handle = addon?.openObserver();
  return addon === undefined || handle === undefined ? undefined : new BuildObserver(addon, handle);
}
