/** The hosts of an environment together, as the control plane sees and tells them. */

import type { HostStatus } from "./transport.ts";

export interface SeenHost extends HostStatus {
  /** Milliseconds since 1970. */
  readonly seen: number;
  /** When its set took the place of another, in milliseconds since 1970; null where nobody saw it. */
  readonly since: number | null;
}

interface Group<Value> {
  readonly value: Value;
  readonly hosts: number;
}

export interface FleetView {
  /** Of the last change. */
  readonly sequence: number;
  /** When it was made, in milliseconds since 1970; null where there was none. */
  readonly changed: number | null;
  /** All that were heard of in a day; each of the others counts some of them. */
  readonly counts: {
    readonly hosts: number;
    /** Heard of lately, and has the last change. */
    readonly current: number;
    /** Heard of lately, and has it not. */
    readonly behind: number;
    readonly silent: number;
    /** Does not obey the newest set, and says why. */
    readonly refusing: number;
  };
  /** The largest groups of hosts that were heard of lately. */
  readonly sequences: readonly Group<number | null>[];
  readonly generations: readonly Group<number | null>[];
  readonly versions: readonly Group<string | null>[];
  /** How many hosts had the last change how many milliseconds after it; of those that saw it come. */
  readonly curve: readonly { readonly ms: number; readonly hosts: number }[];
  /** Those that need a look first: silent, refusing, behind. */
  readonly hosts: readonly (SeenHost & { readonly silent: boolean })[];
}
