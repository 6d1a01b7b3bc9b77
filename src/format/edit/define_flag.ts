/** Defines a flag: a name for a bit, and what people say of it. Pure. */

import { valueError } from "../../base/errors.ts";
import { DESCRIPTION_SIZE_MAX, FLAG_COUNT_MAX, OWNER_SIZE_MAX } from "../../base/limits.ts";
import { quote } from "../../base/text.ts";
import { type File, flagMeta } from "../file.ts";
import { unnamedBits } from "../describe/facts.ts";
import { checkFlagName, foldName } from "../flags.ts";
import { freeBit } from "../free_bit.ts";
import { type FlagMeta, isDate, isPlainText, LIVE_LIMITS } from "../meta.ts";
import { type Change, hasMembers, withFlagMeta } from "./change.ts";
import { checkNotRetired } from "./switch_flags.ts";

export interface FlagDefinition extends Pick<
  FlagMeta,
  "description" | "owner" | "expires" | "live"
> {
  /** 0 to 1023; a free one when left out. */
  readonly bit?: number | undefined;
}

/**
 * Names a bit. A flag that is defined already takes the new description, owner or date.
 *
 * @throws ImmuconfigError `ERR_VALUE`, `ERR_RETIRED`
 */
export function defineFlag(name: string, definition: FlagDefinition = {}): Change {
  checkFlagName(name);
  const { bit, ...texts } = definition;
  checkFlagTexts(texts);
  if (bit !== undefined && (!Number.isInteger(bit) || bit < 0 || bit >= FLAG_COUNT_MAX)) {
    throw valueError(`${bit} is not a bit`, `A bit is a number from 0 to ${FLAG_COUNT_MAX - 1}.`);
  }
  return (file) => {
    const existing = file.flags.find((flag) => flag.name === name);
    if (existing === undefined) {
      checkNameIsFree(file, name);
      return addFlag(file, name, bit ?? freeBit(name, takenBits(file), file.flags.length), texts);
    }
    checkNotRetired(file, name);
    if (bit !== undefined && bit !== existing.bit) {
      throw valueError(
        `${name} has bit ${existing.bit}, and a flag keeps its bit`,
        "Define another flag, and retire this one.",
      );
    }
    const meta = flagMeta(file, name);
    return hasMembers(meta, texts) ? file : withFlagMeta(file, name, { ...meta, ...texts });
  };
}

export function checkNameIsFree(file: File, name: string): void {
  const other = file.flags.find((flag) => foldName(flag.name) === foldName(name));
  if (other === undefined) return;
  throw valueError(
    `${name} and ${other.name} differ by case alone`,
    "Give the flag a name that nobody takes for the other.",
  );
}

function addFlag(file: File, name: string, bit: number, meta: FlagMeta): File {
  const owner = file.flags.find((flag) => flag.bit === bit);
  if (owner !== undefined) {
    throw valueError(`bit ${bit} belongs to ${owner.name}`, "Leave --bit out to take a free one.");
  }
  const flags = [...file.flags, { bit, name }].toSorted((a, b) => a.bit - b.bit);
  return withFlagMeta({ ...file, flags }, name, meta);
}

function takenBits(file: File): Set<number> {
  return new Set([...file.flags.map(({ bit }) => bit), ...unnamedBits(file)]);
}

export function checkFlagTexts(texts: Omit<FlagDefinition, "bit">): void {
  const { description, owner, expires, live } = texts;
  if (live !== undefined && !LIVE_LIMITS.includes(live)) {
    throw valueError(
      `${quote(live)} says nothing of overrides`,
      "It is off (they may switch it off) or none (they may not touch it).",
    );
  }
  checkText("description", description, DESCRIPTION_SIZE_MAX);
  checkText("owner", owner, OWNER_SIZE_MAX);
  if (expires !== undefined && !isDate(expires)) {
    throw valueError(`${quote(expires)} is not a date`, "A date looks like 2030-12-31.");
  }
}

function checkText(what: string, value: string | undefined, max: number): void {
  if (value === undefined || isPlainText(value, max)) return;
  throw valueError(
    `the ${what} is not allowed`,
    `It has 1 to ${max} UTF-8 bytes and no control characters.`,
  );
}
