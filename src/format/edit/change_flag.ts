/** Changes what people say of a flag, and how it is called. Pure. */

import { valueError } from "../../base/errors.ts";
import { flagMeta } from "../file.ts";
import { checkFlagName } from "../flags.ts";
import type { FlagMeta } from "../meta.ts";
import { type Change, hasMembers, withFlagMeta } from "./change.ts";
import { checkFlagTexts, checkNameIsFree } from "./define_flag.ts";
import { checkNotRetired, findFlag } from "./switch_flags.ts";

/** What to set; an empty text takes it away. */
export type FlagTexts = Pick<FlagMeta, "description" | "owner" | "expires"> & {
  readonly live?: FlagMeta["live"] | "";
};

/**
 * Sets what people say of a flag that is there.
 *
 * @throws ImmuconfigError `ERR_VALUE`, `ERR_RETIRED`; `ERR_NOT_FOUND` with a suggestion
 */
export function setFlagTexts(name: string, texts: FlagTexts): Change {
  const entries = Object.entries(texts);
  const given: Omit<FlagMeta, "retired"> = Object.fromEntries(
    entries.filter(([, text]) => text !== ""),
  );
  checkFlagTexts(given);
  return (file) => {
    findFlag(file, name);
    checkNotRetired(file, name);
    const known = flagMeta(file, name);
    const kept = Object.entries(known).filter(([key]) => Reflect.get(texts, key) === undefined);
    const meta: FlagMeta = { ...Object.fromEntries(kept), ...given };
    const isSame = hasMembers(known, meta) && hasMembers(meta, known);
    return isSame ? file : withFlagMeta(file, name, meta);
  };
}

/**
 * Gives a flag another name. Its bit and its state stay, so a record means what it meant; sources
 * that use the old name are for the caller to change.
 *
 * @throws ImmuconfigError `ERR_VALUE`, `ERR_RETIRED`; `ERR_NOT_FOUND` with a suggestion
 */
export function renameFlag(name: string, to: string): Change {
  checkFlagName(to);
  return (file) => {
    const { bit } = findFlag(file, name);
    checkNotRetired(file, name);
    if (name === to) return file;
    if (file.flags.some((flag) => flag.name === to)) {
      throw valueError(`there is a flag ${to} already`, "Choose a name that no flag has.");
    }
    // A name may change its case.
    const others = { ...file, flags: file.flags.filter((flag) => flag.bit !== bit) };
    checkNameIsFree(others, to);
    const flags = file.flags.map((flag) => (flag.bit === bit ? { bit, name: to } : flag));
    const without = withFlagMeta(file, name, {});
    return withFlagMeta({ ...without, flags }, to, flagMeta(file, name));
  };
}
