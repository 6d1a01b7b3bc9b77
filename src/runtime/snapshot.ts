/** The frozen view of a file that programs read. */

import { hex32 } from "../format/bytes.ts";
import { type File, isRetired, registryUrl } from "../format/file.ts";
import { flagMask } from "../format/flags.ts";
import { type Record, recordToText, type TerminalMode } from "../format/record.ts";
import { registryHash } from "../format/registry_url.ts";

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
  /** The 13 bytes, 26 hex digits. */
  readonly record: string;
  /** How often the file was written; null under a pin whose record is no longer the file's. */
  readonly generation: number | null;
}

/**
 * @param file gives the names of flags and registries
 * @param pinned the record to show in place of the file's
 */
export function snapshot(file: File, pinned?: Record): Config {
  const record = pinned ?? file.record;
  const text = recordToText(record);
  const isCurrent = pinned === undefined || text === recordToText(file.record);
  return Object.freeze({
    version: record.version,
    features: Object.freeze<Features>(featureStates(file, record.featureFlags)),
    registry: Object.freeze({
      url: urlOf(file, record.registryHash),
      hash: hex32(record.registryHash),
    }),
    terminal: Object.freeze({ mode: record.terminalMode, rows: record.rows, cols: record.cols }),
    record: text,
    generation: isCurrent ? file.generation : null,
  });
}

/**
 * The state of every flag that programs may ask for. A retired flag is left out, unless a record
 * from before its retirement still has it on.
 */
export function featureStates(file: File, featureFlags: number): { [name: string]: boolean } {
  const states: { [name: string]: boolean } = {};
  for (const { bit, name } of file.flags) {
    const enabled = (featureFlags & flagMask(bit)) !== 0;
    if (enabled || !isRetired(file, name)) states[name] = enabled;
  }
  return states;
}

function urlOf(file: File, hash: number): string | null {
  const current = registryUrl(file);
  if (current !== undefined && registryHash(current) === hash) return current;
  for (const url of Object.values(file.meta.registries ?? {})) {
    if (registryHash(url) === hash) return url;
  }
  return null;
}
