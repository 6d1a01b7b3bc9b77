/** What programs see of a live view: types alone, so that theirs need no others. */

import type { Environment } from "../base/environment.ts";
import type { ImmuconfigError } from "../base/errors.ts";
import type { StopSignal } from "../base/stop_signal.ts";
import type { Features } from "../runtime/config.ts";
import type { LiveClock } from "./clock.ts";
import type { LiveState } from "./state.ts";

/** The clocks are the system's by default. */
export interface LiveOptions extends Partial<LiveClock> {
  /** Where the runtime folder and the trusted keys are named, as in `process.env`. */
  readonly env: Environment;
  /** `"polled"` reads the files at most once a millisecond, as is done without the native library. */
  readonly mode?: "mapped" | "polled";
}

export interface ChangesOptions {
  /** Ends the iteration. */
  readonly signal?: StopSignal;
  /** How often to look, in milliseconds; 5 by default. */
  readonly intervalMs?: number;
}

/** From one state to the next; several flips between two looks are one change. */
export interface LiveChange {
  readonly before: LiveState;
  readonly after: LiveState;
  /** The flags that differ, in the order of their names. */
  readonly flipped: readonly string[];
}

export interface LiveView {
  /**
   * The flags, overrides applied: each read looks at the segment. An unknown name gives
   * `undefined`, as in `config.features`; a flag that is defined later appears by itself.
   */
  readonly features: Features;
  /** The generation of the file's record. */
  readonly generation: number;
  /** `"mapped"`: a read is a load. `"polled"`: the files are read, at most once a millisecond. */
  readonly mode: "mapped" | "polled";
  /** Why the file or the segment could not be followed; what was known before still holds. */
  readonly problem: ImmuconfigError | undefined;
  /** The state now, for one request: its flags belong together and never change. */
  pin(): LiveState;
  /** As `pin`, after a look whether the file or the segment was replaced. */
  snapshot(): LiveState;
  /** Every change from now on, until the signal is aborted, the view is closed or the loop is left. */
  changes(options?: ChangesOptions): AsyncGenerator<LiveChange, void, void>;
  /** Lets the segment go, and ends what follows its changes. Flags keep their last values. */
  close(): void;
}
