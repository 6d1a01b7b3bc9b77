/** What the native library noted of a build's inputs. */

import type { Addon } from "../../native/addon.ts";

/** A source that holds something to replace. */
export interface SeenSource {
  /** Absolute. */
  readonly path: string;
  /** The flag of each call; nothing when the source must be parsed to know. */
  readonly calls: readonly string[] | undefined;
}

/**
 * For when the bundler is done.
 *
 * @returns nothing when an input could not be looked at
 */
export function seenSources(addon: Addon): SeenSource[] | undefined {
  const parts = addon.bundlerSources()?.split("\0");
  if (parts === undefined) return undefined;
  const sources: SeenSource[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const path = parts[index] ?? "";
    const uses = parts[index + 1] ?? "";
    sources.push({ path, calls: uses === "?" ? undefined : uses === "" ? [] : uses.split(",") });
  }
  return sources;
}
