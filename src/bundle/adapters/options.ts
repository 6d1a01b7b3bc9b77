/** Types alone, so that those of an adapter need its bundler's and no others. */

import type { ConfigSource } from "../flags/build_flags.ts";

/** What every adapter takes. */
export interface ImmuconfigOptions {
  /**
   * The configuration file, from the working folder; otherwise `IMMUCONFIG_FILE`, or the nearest
   * `bunfig.lockb` upwards from the root that the bundler is given, and else from the working folder.
   */
  readonly file?: string;
  /** Flags that this build sets otherwise than the record, by name; not for a frozen record. */
  readonly features?: Readonly<Record<string, boolean>>;
  /**
   * Where `config` of `immuconfig` comes from: `"built"` (the default) makes it the values of this
   * build, `"file"` leaves it to the program, which reads the file when it starts.
   */
  readonly config?: ConfigSource;
}
