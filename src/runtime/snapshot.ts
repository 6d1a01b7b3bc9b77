/** The frozen view of a file that programs read. */

import { hex32 } from "../format/bytes.ts";
import { type File, isRetired, registryUrl } from "../format/file.ts";
import { type FlagSet, hasFlag } from "../format/flag_set.ts";
import { type Record, recordToText } from "../format/record.ts";
import { registryHash } from "../format/registry_url.ts";
import { type Config, freezeConfig } from "./config.ts";

/**
 * @param file gives the names of flags and registries
 * @param pinned the record to show in place of the file's
 */
export function snapshot(file: File, pinned?: Record): Config {
  const record = pinned ?? file.record;
  const text = recordToText(record);
  const isCurrent = pinned === undefined || text === recordToText(file.record);
  return freezeConfig({
    version: record.version,
    features: featureStates(file, record.featureFlags),
    registry: { url: urlOf(file, record.registryHash), hash: hex32(record.registryHash) },
    terminal: { mode: record.terminalMode, rows: record.rows, cols: record.cols },
    record: text,
    generation: isCurrent ? file.generation : null,
  });
}

/**
 * The state of every flag that programs may ask for. A retired flag is left out, unless a record
 * from before its retirement still has it on.
 */
export function featureStates(file: File, featureFlags: FlagSet): { [name: string]: boolean } {
  const states: { [name: string]: boolean } = {};
  for (const { bit, name } of file.flags) {
    const enabled = hasFlag(featureFlags, bit);
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
