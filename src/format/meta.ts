/** Section `meta`: what the record's numbers stand for (docs/format.md, "Section meta"). */

import { quote } from "../base/text.ts";
import { parseVersion } from "../base/version.ts";
import {
  SIGNED_NAME_COUNT_MAX,
  AUDIENCE_SIZE_MAX,
  DESCRIPTION_SIZE_MAX,
  OWNER_SIZE_MAX,
  PROJECT_NAME_SIZE_MAX,
  REGISTRY_COUNT_MAX,
  SCOPE_SIZE_MAX,
} from "../base/limits.ts";
import { CanonicalReader, type CanonicalValue, encodeCanonicalJson } from "./canonical_json.ts";
import { isFlagName } from "./flags.ts";
import { isCanonicalRegistryUrl } from "./registry_url.ts";

/** What overrides may do to a flag, where that is less than both ways. */
export const LIVE_LIMITS = ["none", "off"] as const;
export type LiveLimit = (typeof LIVE_LIMITS)[number];

export interface FlagMeta {
  readonly description?: string;
  readonly owner?: string;
  /** The last day on which the flag is expected to exist, `YYYY-MM-DD`, UTC. */
  readonly expires?: string;
  /** `off`: an override may switch it off, and not on; `none`: no override may touch it. */
  readonly live?: LiveLimit;
  /** A retired flag keeps its bit and its name for ever. */
  readonly retired?: true;
}

/** What a signer says about the file, for its readers. */
interface SignedMeta {
  /** Whom the file is for: a reader of another audience refuses it. Ascending. */
  readonly audience?: readonly string[];
  /** The last day on which the signature counts, `YYYY-MM-DD`, UTC. */
  readonly expires?: string;
  /** Raw public keys in hex, ascending: those of the signers, for who does not know them yet. */
  readonly keys?: readonly string[];
}

export interface Meta {
  /** The project's name. */
  readonly project?: string;
  /** Canonical URLs by scope (`@acme`); `default` is the unscoped registry. */
  readonly registries?: Readonly<Record<string, string>>;
  /** By flag name. */
  readonly flags?: Readonly<Record<string, FlagMeta>>;
  readonly bun?: {
    /** The lowest Bun version that may run the project, `MAJOR.MINOR.PATCH`. */
    readonly minimum: string;
  };
  /** Raw public keys in hex, ascending: no others may sign sets of overrides. */
  readonly online?: readonly string[];
  readonly signed?: SignedMeta;
  readonly upgrade?: {
    /** Registries whose packages are accepted without a signature; canonical URLs, ascending. */
    readonly unsigned: readonly string[];
  };
}

/** The name under which `Meta.registries` holds the unscoped registry. */
export const DEFAULT_SCOPE = "default";

const SCOPE_PATTERN = /^@[a-z0-9~-][a-z0-9._~-]*$/;
const AUDIENCE_PATTERN = /^[a-z0-9][a-z0-9._-]*$/;
const DATE_PATTERN = /^\d{4}-\d{2}-\d{2}$/;
// Control characters could drive the terminal that the text is printed on.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL_PATTERN = /[\u0000-\u001f\u007f-\u009f]/;

const utf8 = new TextEncoder();

/**
 * @param offset of the payload in the file, for messages
 * @throws FormatError
 */
export function decodeMeta(payload: Uint8Array, offset: number): Meta {
  const reader = new CanonicalReader(payload, offset);
  const meta = readMembers(reader, "meta", META);
  reader.end("meta");
  return meta;
}

/** @returns no bytes when there is nothing to say: the section is then left out */
export function encodeMeta(meta: Meta): Uint8Array {
  const value = meta as unknown as CanonicalValue;
  return Object.keys(meta).length === 0 ? new Uint8Array() : encodeCanonicalJson(value);
}

export function isScope(name: string): boolean {
  return name === DEFAULT_SCOPE || (name.length <= SCOPE_SIZE_MAX && SCOPE_PATTERN.test(name));
}

/** True for a day of the calendar, written `YYYY-MM-DD`. */
export function isDate(date: string): boolean {
  if (!DATE_PATTERN.test(date)) return false;
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/** True for well-formed text without control characters, of 1 to `max` UTF-8 bytes. */
export function isPlainText(value: string, max: number): boolean {
  // A UTF-16 code unit takes at most 3 bytes in UTF-8.
  const fits = 3 * value.length <= max || utf8.encode(value).length <= max;
  return value.length > 0 && fits && !CONTROL_PATTERN.test(value) && value.isWellFormed();
}

/** How the members of an object are read; `field` is the object's. */
type Readers<Read> = {
  readonly [Name in keyof Read]-?: (reader: CanonicalReader, field: string) => Read[Name];
};

const META: Readers<Meta> = {
  bun: (reader) => readMembers(reader, "meta.bun", BUN),
  flags: (reader) => readFlags(reader),
  online: (reader) => readNames(reader, "meta.online", isKeyText),
  project: (reader) => readText(reader, "meta.project", PROJECT_NAME_SIZE_MAX),
  registries: (reader) => readRegistries(reader),
  signed: (reader) => readMembers(reader, "meta.signed", SIGNED),
  upgrade: (reader) => readMembers(reader, "meta.upgrade", UPGRADE),
};

const BUN: Readers<NonNullable<Meta["bun"]>> = {
  minimum(reader, field) {
    const version = reader.string(field);
    if (parseVersion(version) !== undefined) return version;
    throw reader.fault(field, "MAJOR.MINOR.PATCH", quote(version));
  },
};

const FLAG: Readers<FlagMeta> = {
  description: (reader, field) => readText(reader, field, DESCRIPTION_SIZE_MAX),
  expires: (reader, field) => readDate(reader, field),
  live(reader, field) {
    const text = reader.string(field);
    const rule = LIVE_LIMITS.find((candidate) => candidate === text);
    if (rule === undefined) throw reader.fault(field, LIVE_LIMITS.join(" or "), quote(text));
    return rule;
  },
  owner: (reader, field) => readText(reader, field, OWNER_SIZE_MAX),
  retired: (reader, field) => reader.true(field),
};

const SIGNED: Readers<SignedMeta> = {
  audience: (reader, field) => readNames(reader, `${field}.audience`, isAudience),
  expires: (reader, field) => readDate(reader, field),
  keys: (reader, field) => readNames(reader, `${field}.keys`, isKeyText),
};

const UPGRADE: Readers<NonNullable<Meta["upgrade"]>> = {
  unsigned(reader, field) {
    const urls = reader.strings(field);
    if (urls.length > REGISTRY_COUNT_MAX) {
      throw reader.fault(field, `at most ${REGISTRY_COUNT_MAX} registries`, "more");
    }
    let previous = "";
    for (const url of urls) {
      if (url <= previous) throw reader.fault(field, "URLs in ascending order", quote(url));
      previous = readRegistry(url, reader, field);
    }
    return urls;
  },
};

/** Reads an object of one member or more, all of which are known. */
function readMembers<Read>(reader: CanonicalReader, field: string, readers: Readers<Read>): Read {
  const read: { [Name in keyof Read]?: Read[Name] } = {};
  reader.object(field, (name) => {
    if (!isMember(readers, name)) {
      throw reader.fault(field, "members of docs/format.md only", quote(name));
    }
    read[name] = readers[name](reader, field);
  });
  // Members that have to be there are the only ones of their object, which has one.
  return read as Read;
}

function isMember<Read>(readers: Readers<Read>, name: PropertyKey): name is keyof Read {
  return Object.hasOwn(readers, name);
}

function readFlags(reader: CanonicalReader): Record<string, FlagMeta> {
  const flags: Record<string, FlagMeta> = {};
  reader.object("meta.flags", (name) => {
    // Not only for good order: a member called __proto__ would vanish.
    if (!isFlagName(name)) throw reader.fault("meta.flags", "a flag name", quote(name));
    flags[name] = readMembers(reader, `meta.flags.${name}`, FLAG);
  });
  return flags;
}

function readRegistries(reader: CanonicalReader): Record<string, string> {
  const field = "meta.registries";
  const registries: Record<string, string> = {};
  let count = 0;
  reader.object(field, (scope) => {
    if (!isScope(scope)) throw reader.fault(field, "a scope", quote(scope));
    if (++count > REGISTRY_COUNT_MAX) {
      throw reader.fault(field, `at most ${REGISTRY_COUNT_MAX} registries`, "more");
    }
    registries[scope] = readRegistry(reader.string(field), reader, field);
  });
  return registries;
}

/** Up to 16 names, ascending. */
function readNames(
  reader: CanonicalReader,
  field: string,
  isName: (name: string) => boolean,
): readonly string[] {
  const names = reader.strings(field);
  if (names.length > SIGNED_NAME_COUNT_MAX) {
    throw reader.fault(field, `at most ${SIGNED_NAME_COUNT_MAX} names`, "more");
  }
  let previous = "";
  for (const name of names) {
    if (!isName(name)) throw reader.fault(field, "names of docs/format.md", quote(name));
    if (name <= previous) throw reader.fault(field, "names in ascending order", quote(name));
    previous = name;
  }
  return names;
}

/** True for a raw public key in lower-case hex. */
export function isKeyText(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** True for the name of an audience: `production`. */
export function isAudience(name: string): boolean {
  return name.length <= AUDIENCE_SIZE_MAX && AUDIENCE_PATTERN.test(name);
}

function readRegistry(url: string, reader: CanonicalReader, field: string): string {
  if (isCanonicalRegistryUrl(url)) return url;
  throw reader.fault(field, "a canonical registry URL", quote(url));
}

function readDate(reader: CanonicalReader, field: string): string {
  const date = reader.string(field);
  if (isDate(date)) return date;
  throw reader.fault(field, "YYYY-MM-DD", quote(date));
}

function readText(reader: CanonicalReader, field: string, max: number): string {
  const value = reader.string(field);
  if (isPlainText(value, max)) return value;
  throw reader.fault(field, `1 to ${max} UTF-8 bytes without control characters`, quote(value));
}
