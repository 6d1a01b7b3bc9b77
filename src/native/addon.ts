/** The shared library as a Node-API addon (src/ffi/node_api.zig), which loads without `bun:ffi`. */

import type { Environment } from "../base/environment.ts";
import { findLibrary } from "./library.ts";

/** What the library has when it is loaded; `complete` adds the rest. */
export interface StartAddon extends Pick<Addon, "view" | "live" | "liveMap" | "liveUnmap"> {
  /** @returns the same object */
  complete?(exports: StartAddon): Addon;
}

/** A handle of the library, which nobody else can look into. */
interface InputObserver {
  readonly [opaque]: true;
}
declare const opaque: unique symbol;

/** What a program knows when it asks for its record. */
export interface ViewRequest {
  /** Decides which file, which pin, and whether signatures are asked for. */
  readonly env: Environment;
  /** 1 when `env` is this process's own, and what a `.env` file brought into it does not count; else 0. */
  readonly isOwn: 0 | 1;
  /** The working folder. */
  readonly cwd: string;
  /** The path of the main module, from which the search begins (src/runtime/program.ts). */
  readonly main?: string | undefined;
  /** The value of `--file`. */
  readonly file?: string | undefined;
  /** That of the Bun that runs this, where nobody has asked yet whether it will do. */
  readonly version?: string | undefined;
}

/** The same for its live view. */
interface LiveRequest extends ViewRequest {
  /** Of the user's segments, absolute. */
  readonly folder: string;
}

export interface Addon {
  /**
   * The record as `LoadedRecord` in src/runtime/loaded_record.ts, as JSON. Not on Windows.
   *
   * @returns undefined when the library cannot say
   */
  view(request: ViewRequest): string | undefined;
  /**
   * The record and the open live segment as `Opened` in src/live/fast_open.ts, as JSON. Not on Windows.
   *
   * @returns undefined when the library cannot say
   */
  live(request: LiveRequest): string | undefined;
  /**
   * The segment in an open file, which may be closed afterwards: memory that other processes write
   * to, to be read with `Atomics.load`. It outlives a truncation of the file.
   *
   * @returns undefined where it cannot be mapped
   */
  liveMap(descriptor: number): ArrayBuffer | undefined;
  /** Ends a mapping of `liveMap`: the buffer must not be touched afterwards. */
  liveUnmap(buffer: ArrayBuffer): void;
  /**
   * flock(2) of an open file, which nobody else's open file may be locked for. Not on Windows.
   *
   * @returns 0 once it is locked, or the number of the system's error; undefined for no descriptor
   */
  tryLock(descriptor: number): number | undefined;
  /**
   * Opens a file that nobody else has open, and keeps others from opening it; it goes away when it is
   * closed. On Windows alone.
   *
   * @param path absolute, with the prefix of long paths
   * @returns a handle for `closeAlone`, or the number of the system's error, below zero; undefined
   * for a path that is too long
   */
  openAlone(path: string): number | undefined;
  /** Closes what `openAlone` opened. */
  closeAlone(handle: number): void;
  /** What tells one start of Windows from another; undefined where it does not say. */
  startTime(): string | undefined;
  /**
   * The uses of flags in a source that needs no parser (src/bundle/source/fast_scan/fast_scan.zig), as
   * `Scanner` gives them.
   *
   * @param size of the source at the start of `input`, in bytes
   * @param isTypescriptOnly 1 when the file's name rules out JSX, else 0
   * @returns how many calls there are; undefined when the source must be parsed to be sure
   */
  fastScan(
    input: Uint8Array,
    size: number,
    isTypescriptOnly: number,
    results: Uint32Array,
  ): number | undefined;
  /** An observer of one build's inputs (src/bundle/build/input_observer.zig). */
  openObserver(): InputObserver | undefined;
  /** The scripts that it saw, as `note` writes them there; undefined when one could not be read. */
  observedSources(observer: InputObserver): string | undefined;
}

/**
 * @param path of the shared library
 * @throws Error where it cannot be loaded
 */
export function loadAddon(path: string): Addon {
  const module = { exports: {} as StartAddon };
  process.dlopen(module, path);
  const { exports } = module;
  // One of another release may lack it, and the caller says so.
  return exports.complete?.(exports) ?? (exports as Addon);
}

/** This machine's library; nothing where it was not built, or cannot be loaded. */
export function findAddon(): Addon | undefined {
  const path = findLibrary();
  if (path === undefined) return undefined;
  try {
    return loadAddon(path);
  } catch {
    return undefined;
  }
}
