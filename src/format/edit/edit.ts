/** Changes of a file, as functions from the old one to the new one. Pure. */

import { parseVersion } from "../../base/version.ts";
import { ImmuconfigError, valueError } from "../../base/errors.ts";
import {
  CONFIG_VERSION_MAX,
  DESCRIPTION_SIZE_MAX,
  FLAG_COUNT_MAX,
  OWNER_SIZE_MAX,
  REGISTRY_COUNT_MAX,
} from "../../base/limits.ts";
import { didYouMean } from "../../base/suggest.ts";
import { type File, isRetired } from "../file.ts";
import { unnamedBits } from "../describe/facts.ts";
import { checkFlagName, type FlagEntry, flagMask, howToDefine } from "../flags.ts";
import { freeBit } from "../free_bit.ts";
import { DEFAULT_SCOPE, type FlagMeta, isDate, isPlainText, isScope, type Meta } from "../meta.ts";
import { type Record, TERMINAL_MODES, type TerminalMode } from "../record.ts";
import { canonicalRegistryUrl, registryHash } from "../registry_url.ts";

/** Every function here gives back its argument when there is nothing to change. */
export type Change = (file: File) => File;

/**
 * @param version 0 or 1
 * @throws ImmuconfigError `ERR_VALUE`, `ERR_DOWNGRADE`
 */
export function setVersion(version: number, allowDowngrade: boolean): Change {
  if (!Number.isInteger(version) || version < 0 || version > CONFIG_VERSION_MAX) {
    throw valueError(
      `${version} is not a config version`,
      `It is a number from 0 to ${CONFIG_VERSION_MAX}.`,
    );
  }
  return (file) => {
    if (version < file.record.version && !allowDowngrade) {
      throw new ImmuconfigError(
        "ERR_DOWNGRADE",
        `the config version would go down from ${file.record.version} to ${version}`,
        { hint: "If that is meant, add --allow-downgrade." },
      );
    }
    return withRecord(file, { version });
  };
}

/**
 * @param url in any form
 * @param scope `@scope`, or `default` for the unscoped registry
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function setRegistry(url: string, scope: string = DEFAULT_SCOPE): Change {
  const canonical = canonicalRegistryUrl(url);
  if (!isScope(scope)) {
    throw valueError(`${JSON.stringify(scope)} is not a scope`, "A scope looks like @acme.");
  }
  return (file) => {
    const { registries } = file.meta;
    const named =
      registries?.[scope] === canonical
        ? file
        : withMeta(file, { registries: { ...registries, [scope]: canonical } });
    return scope === DEFAULT_SCOPE
      ? withRecord(named, { registryHash: registryHash(canonical) })
      : named;
  };
}

/** @throws ImmuconfigError `ERR_VALUE` */
export function setTerminalMode(mode: string): Change {
  const known = TERMINAL_MODES.find((candidate): candidate is TerminalMode => candidate === mode);
  if (known === undefined) {
    throw valueError(
      `${JSON.stringify(mode)} is not a terminal mode`,
      `${didYouMean(mode, TERMINAL_MODES)}A mode is one of ${TERMINAL_MODES.join(", ")}.`,
    );
  }
  return (file) => withRecord(file, { terminalMode: known });
}

/**
 * @param size 0 to 255; 0 takes the terminal's own
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function setTerminalSize(dimension: "rows" | "cols", size: number): Change {
  if (!Number.isInteger(size) || size < 0 || size > 0xff) {
    throw valueError(
      `${size} is not a number of ${dimension}`,
      "It is a number from 0 to 255; 0 takes the terminal's own.",
    );
  }
  return (file) => withRecord(file, { [dimension]: size });
}

/**
 * @param version `MAJOR.MINOR.PATCH`
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function setMinimumBun(version: string): Change {
  if (parseVersion(version) === undefined) {
    throw valueError(`${JSON.stringify(version)} is not a version`, "It looks like 1.4.5.");
  }
  return (file) =>
    file.meta.bun?.minimum === version ? file : withMeta(file, { bun: { minimum: version } });
}

/**
 * Lists the registries whose releases `bun-config upgrade` takes without a signature.
 *
 * @param list of URLs, separated by commas; nothing or "none" for an empty list
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function setUnsignedRegistries(list: string): Change {
  const urls = list === "none" ? [] : list.split(",").filter((url) => url.trim() !== "");
  const canonical = urls.map((url) => canonicalRegistryUrl(url.trim()));
  // The order of the format: by UTF-16 code units, which URLs have one a byte of.
  const unsigned = [...new Set(canonical)].toSorted((a, b) => (a < b ? -1 : 1));
  if (unsigned.length > REGISTRY_COUNT_MAX) {
    throw valueError(`a record lists at most ${REGISTRY_COUNT_MAX} registries`);
  }
  return (file) => {
    const { upgrade, ...meta } = file.meta;
    if ((upgrade?.unsigned ?? []).join(",") === unsigned.join(",")) return file;
    return { ...file, meta: unsigned.length === 0 ? meta : { ...meta, upgrade: { unsigned } } };
  };
}

export function setFrozen(frozen: boolean): Change {
  return (file) => (file.frozen === frozen ? file : { ...file, frozen });
}

export interface FlagDefinition extends Pick<FlagMeta, "description" | "owner" | "expires"> {
  /** 0 to 31; a free one when left out. */
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
    if (existing === undefined)
      return addFlag(file, name, bit ?? freeBit(name, takenBits(file), file.flags.length), texts);
    checkNotRetired(file, name);
    if (bit !== undefined && bit !== existing.bit) {
      throw valueError(
        `${name} has bit ${existing.bit}, and a flag keeps its bit`,
        "Define another flag, and retire this one.",
      );
    }
    const meta = file.meta.flags?.[name] ?? {};
    return hasMembers(meta, texts) ? file : withFlagMeta(file, name, { ...meta, ...texts });
  };
}

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
      featureFlags = enabled ? featureFlags | flagMask(bit) : featureFlags & ~flagMask(bit);
    }
    return withRecord(file, { featureFlags: featureFlags >>> 0 });
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
    const off = withRecord(file, {
      featureFlags: (file.record.featureFlags & ~flagMask(bit)) >>> 0,
    });
    return withFlagMeta(off, name, { ...file.meta.flags?.[name], retired: true });
  };
}

/** @throws ImmuconfigError `ERR_NOT_FOUND` with a suggestion */
export function findFlag(file: File, name: string): FlagEntry {
  const flag = file.flags.find((candidate) => candidate.name === name);
  if (flag !== undefined) return flag;
  const names = file.flags
    .filter((known) => !isRetired(file, known.name))
    .map((known) => known.name);
  throw new ImmuconfigError("ERR_NOT_FOUND", `there is no flag ${name}`, {
    hint: `${didYouMean(name, names)}${howToDefine(name)}`,
  });
}

/** Whether an object has all these members already. */
function hasMembers(object: object, members: object): boolean {
  return Object.entries(members).every(([key, value]) => Reflect.get(object, key) === value);
}

function withRecord(file: File, change: Partial<Record>): File {
  if (hasMembers(file.record, change)) return file;
  return { ...file, record: { ...file.record, ...change } };
}

function withMeta(file: File, change: Partial<Meta>): File {
  return { ...file, meta: { ...file.meta, ...change } };
}

function withFlagMeta(file: File, name: string, meta: FlagMeta): File {
  return withMeta(file, { flags: { ...file.meta.flags, [name]: meta } });
}

function addFlag(file: File, name: string, bit: number, meta: FlagMeta): File {
  const owner = file.flags.find((flag) => flag.bit === bit);
  if (owner !== undefined) {
    throw valueError(`bit ${bit} belongs to ${owner.name}`, "Leave --bit out to take a free one.");
  }
  const flags = [...file.flags, { bit, name }].toSorted((a, b) => a.bit - b.bit);
  const added = { ...file, flags };
  return Object.keys(meta).length === 0 ? added : withFlagMeta(added, name, meta);
}

function takenBits(file: File): Set<number> {
  return new Set([...file.flags.map(({ bit }) => bit), ...unnamedBits(file)]);
}

function checkNotRetired(file: File, name: string): void {
  if (!isRetired(file, name)) return;
  throw new ImmuconfigError("ERR_RETIRED", `${name} is retired`, {
    hint: "A retired flag is never used again: define a flag with another name.",
  });
}

function checkFlagTexts({ description, owner, expires }: Omit<FlagDefinition, "bit">): void {
  checkText("description", description, DESCRIPTION_SIZE_MAX);
  checkText("owner", owner, OWNER_SIZE_MAX);
  if (expires !== undefined && !isDate(expires)) {
    throw valueError(`${JSON.stringify(expires)} is not a date`, "A date looks like 2030-12-31.");
  }
}

function checkText(what: string, value: string | undefined, max: number): void {
  if (value === undefined || isPlainText(value, max)) return;
  throw valueError(
    `the ${what} is not allowed`,
    `It has 1 to ${max} UTF-8 bytes and no control characters.`,
  );
}
