/** The shared library as a Node-API addon (src/ffi/node_api.zig), which loads without `bun:ffi`. */

export interface Addon {
  /**
   * The record as `LoadedRecord` in src/runtime/load.ts, as JSON.
   *
   * @param file the path to read, absolute; empty for the nearest from `cwd` upwards
   * @param pin the value of `IMMUCONFIG_PIN`
   * @returns undefined when the library cannot say
   */
  view(cwd: string, file: string, pin: string): string | undefined;
  /**
   * The uses of flags in a plain source (src/bundle/source/fast_scan/plain_source.zig), as `SourceLook` gives them.
   *
   * @param size of the source at the start of `input`, in bytes
   * @param isTypescriptOnly 1 when the file's name rules out JSX, else 0
   * @returns how many calls there are; undefined when the source must be parsed to be sure
   */
  plainSource(
    input: Uint8Array,
    size: number,
    isTypescriptOnly: number,
    results: Uint32Array,
  ): number | undefined;
  /** The sources of a build as src/bundle/build/input_observer.zig notes them; undefined when it failed. */
  bundlerSources(): string | undefined;
  /** How many inputs it saw. */
  bundlerInputCount(): number;
}

/**
 * @param path of the shared library
 * @throws Error where it cannot be loaded
 */
export function loadAddon(path: string): Addon {
  const module = { exports: {} as Addon };
  process.dlopen(module, path);
  return module.exports;
}
