/** A platform and how programs are run on it. */

import type { Target } from "./tools.ts";

/** Parts of tests/platforms/suite_child.mjs. */
type Part = "programs" | "commands" | "builds" | "proof" | "writers" | "refusal";

/** A program's command line and surroundings on the platform. */
export interface Runtime {
  /** The program that runs JavaScript, with what starts it. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A path of this machine as the platform's programs see it. */
  readonly seen?: (path: string) => string;
}

export interface Platform {
  readonly name: string;
  /** One word, for the command line. */
  readonly id: string;
  readonly target: Target;
  readonly parts: readonly Part[];
  /** Folders of `tests/` that its Bun runs from the sources. */
  readonly tests?: readonly string[];
  /** How it is run here, in one line. */
  readonly how: string;
  /** Fetches what it needs. @throws Error where this machine cannot run it */
  readonly prepare: () => Runtime;
}
