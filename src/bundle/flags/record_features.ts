/** The record for a plugin that runs inside another bundler. */

import type { BuildFlags } from "./build_flags.ts";
import { openBuildState } from "./open_build_state.ts";

/** What every adapter takes. */
export interface ImmuconfigOptions {
  /**
   * The configuration file, from the working folder; otherwise `IMMUCONFIG_FILE`, or the nearest
   * `bunfig.lockb` from the working folder upwards.
   */
  readonly file?: string;
  /** Flags that this build sets otherwise than the record, by name; not for a frozen record. */
  readonly features?: Readonly<Record<string, boolean>>;
}

/**
 * The record that a build goes by: the one that a parent process pinned, or else the file's.
 *
 * @throws ImmuconfigError as `openBuildState`; FormatError
 */
export function loadBuildRecord({ file, features }: ImmuconfigOptions): BuildFlags {
  const { env } = process;
  return openBuildState({ cwd: process.cwd(), env, file }, features).flags;
}
