/** Maps a segment through the native library, whose handler survives a truncation. */

import { findLibrary } from "../native/library.ts";
import { SEGMENT_SIZE } from "./segment.ts";

export interface Mapping {
  /** The segment's words, in memory that other processes write to: read with `Atomics.load`. */
  readonly words: Int32Array;
  /** Ends the mapping. `words` must not be touched afterwards. */
  unmap(): void;
}

/** @param descriptor of a segment, open for reading and writing; it may be closed afterwards */
export type MapSegment = (descriptor: number) => Mapping | undefined;

/** @returns undefined on a platform without live segments, and where the library was not built */
export function findLiveLibrary(): string | undefined {
  return process.platform === "win32" ? undefined : findLibrary();
}

/** @returns undefined where segments cannot be mapped: under Node, and without the library */
export async function openMapper(): Promise<MapSegment | undefined> {
  const library = findLiveLibrary();
  if (process.versions.bun === undefined || library === undefined) return undefined;
  const { dlopen, toArrayBuffer } = await import("bun:ffi");
  const { symbols } = dlopen(library, {
    immuconfig_live_map: { args: ["i32"], returns: "ptr" },
    immuconfig_live_unmap: { args: ["ptr"], returns: "void" },
  });
  return (descriptor) => {
    const pointer = symbols.immuconfig_live_map(descriptor);
    if (typeof pointer !== "number") return undefined;
    return {
      words: new Int32Array(toArrayBuffer(pointer, 0, SEGMENT_SIZE)),
      unmap: () => symbols.immuconfig_live_unmap(pointer),
    };
  };
}
