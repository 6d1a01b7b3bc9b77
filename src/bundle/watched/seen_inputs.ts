/** What the native library noted of a build's inputs. */

/** A source that holds something to replace. */
export interface SeenSource {
  /** Absolute. */
  readonly path: string;
  /** The flag of each call; nothing when the source must be parsed to know. */
  readonly calls: readonly string[] | undefined;
}

export interface SeenInputs {
  /** Inputs of every kind. */
  readonly count: number;
  readonly sources: readonly SeenSource[];
}

/** `bun:ffi` without its module, which is slow to load. Not documented. */
interface BareFfi {
  readonly FFI: {
    dlopen(
      path: string,
      symbols: object,
    ): {
      readonly symbols: {
        immuconfig_bundler_inputs(count: Uint32Array, out: Uint8Array, size: number): number;
      };
    };
  };
}

/** Bytes for the list; a longer one is read again. */
const ROOM_SIZE = 64 * 1024;

/**
 * Opens the library before the list is needed: that takes a while.
 *
 * @param library the path under which `watchInputs` loaded it
 * @returns a function for when the bundler is done, which gives nothing when an input could not be
 * looked at
 */
export function inputReader(library: string): () => SeenInputs | undefined {
  const { symbols } = (Bun as unknown as BareFfi).FFI.dlopen(library, {
    immuconfig_bundler_inputs: { args: ["ptr", "ptr", "u32"], returns: "i32" },
  });
  return () => {
    const count = new Uint32Array(1);
    let out = new Uint8Array(ROOM_SIZE);
    let size = symbols.immuconfig_bundler_inputs(count, out, out.length);
    if (size > out.length) {
      out = new Uint8Array(size);
      size = symbols.immuconfig_bundler_inputs(count, out, out.length);
    }
    if (size < 0) return undefined;
    return { count: count[0] ?? 0, sources: readSources(out.subarray(0, size)) };
  };
}

function readSources(bytes: Uint8Array): SeenSource[] {
  const parts = new TextDecoder().decode(bytes).split("\0");
  const sources: SeenSource[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const path = parts[index] ?? "";
    const uses = parts[index + 1] ?? "";
    sources.push({ path, calls: uses === "?" ? undefined : uses === "" ? [] : uses.split(",") });
  }
  return sources;
}
