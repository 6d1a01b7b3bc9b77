/** What programs see of a record, and the one of this process, which its children get as well. */

import type { TerminalMode } from "../format/record.ts";
import { handOnPin } from "./children.ts";
import type { LoadedRecord } from "./loaded_record.ts";
import { processState } from "./process_state.ts";

/**
 * The project's flags, one boolean member each. Empty here: `bun-config types` writes a
 * declaration that adds the names.
 */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- filled by declaration merging
export interface FeatureRegistry {}

/** `true` for an enabled flag. Without generated types, every name is allowed. */
export type Features = keyof FeatureRegistry extends never
  ? { readonly [name: string]: boolean }
  : // oxlint-disable-next-line typescript/no-generated-empty-object-type -- see FeatureRegistry
    Readonly<FeatureRegistry>;

/** A record as programs see it: deeply frozen, the same for the life of the process. */
export interface Config {
  /** The config version, 0 or 1. */
  readonly version: number;
  readonly features: Features;
  readonly registry: {
    /** The canonical URL; null when the file does not hold the URL of this record. */
    readonly url: string | null;
    /** MurmurHash3 of the URL, 8 hex digits. */
    readonly hash: string;
  };
  readonly terminal: {
    readonly mode: TerminalMode;
    /** Lines; 0 takes the terminal's. */
    readonly rows: number;
    /** Columns; 0 takes the terminal's. */
    readonly cols: number;
  };
  /** As text: 26 hex digits; where flags from bit 32 on are on, `.` and more. */
  readonly record: string;
  /** How often the file was written; null under a pin whose record is no longer the file's. */
  readonly generation: number | null;
}

/**
 * Pins the project's record for the children of this process.
 *
 * @param quick what the library says of it (fast_read.ts); undefined where it cannot
 * @param store the way that always can, and gives the same, or says why not
 * @throws what `store` throws
 */
export function processConfig(quick: LoadedRecord | undefined, store: () => LoadedRecord): Config {
  const { config, pin } = quick ?? store();
  processState().firstRead ??= quick === undefined ? "store" : "native";
  if (pin !== null) handOnPin(pin);
  return freezeConfig(config);
}

/** @returns the same object, which nobody can change any more, at any depth */
export function freezeConfig(config: Config): Config {
  Object.freeze(config.features);
  Object.freeze(config.registry);
  Object.freeze(config.terminal);
  return Object.freeze(config);
}
