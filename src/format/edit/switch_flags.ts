/** Switches flags on or off, and takes them out of use. Pure. */

import { type File, flagMeta, isRetired } from "../file.ts";
import { withFlag } from "../flag_set.ts";
import { type FlagEntry, noSuchFlag, retiredFlag } from "../flags.ts";
import { type Change, withRecord, withFlagMeta } from "./change.ts";

/**
 * Switches flags on or off.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` with a suggestion, `ERR_RETIRED`
 */
export function switchFlags(names: readonly string[], enabled: boolean): Change {
  return (file) => {
    let { featureFlags } = file.record;
    for (const name of names) {
      const { bit } = findFlag(file, name);
      checkNotRetired(file, name);
      featureFlags = withFlag(featureFlags, bit, enabled);
    }
    return withRecord(file, { featureFlags });
  };
}

/**
 * Takes a flag out of use: it is off, and its bit and name are never given to another.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` with a suggestion
 */
export function retireFlag(name: string): Change {
  return (file) => {
    const { bit } = findFlag(file, name);
    if (isRetired(file, name)) return file;
    const off = withRecord(file, { featureFlags: withFlag(file.record.featureFlags, bit, false) });
    return withFlagMeta(off, name, { ...flagMeta(file, name), retired: true });
  };
}

/** @throws ImmuconfigError `ERR_NOT_FOUND` with a suggestion */
export function findFlag(file: File, name: string): FlagEntry {
  const flag = file.flags.find((candidate) => candidate.name === name);
  if (flag !== undefined) return flag;
  const names = file.flags
    .filter((known) => !isRetired(file, known.name))
    .map((known) => known.name);
  throw noSuchFlag(name, names);
}

export function checkNotRetired(file: File, name: string): void {
  if (isRetired(file, name)) throw retiredFlag(name);
}
