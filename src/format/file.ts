/** The whole file, from bytes and to bytes (docs/format.md). Pure: no I/O, no clock. */

import { FormatError } from "../base/errors.ts";
import { hex32, writeCrc64 } from "./bytes.ts";
import { bodySize, checkBodySize, decodeBody, type Section, writeBody } from "./body.ts";
import { decodeBits, encodeBits } from "./flag_set.ts";
import { decodeFlagTable, encodeFlagTable, type FlagEntry } from "./flags.ts";
import {
  checkUnsignedSeal,
  decodeHeader,
  type Signature,
  unsignedSeal,
  writeHeader,
} from "./header.ts";
import { decodeCosignatures, encodeCosignatures } from "./cosignatures.ts";
import { HEADER_SIZE, OFFSET } from "./layout.ts";
import { decodeMeta, DEFAULT_SCOPE, encodeMeta, type FlagMeta, type Meta } from "./meta.ts";
import type { Record } from "./record.ts";
import { registryHash } from "./registry_url.ts";

/** All that a file says, apart from what is computed from it. */
export interface File {
  readonly record: Record;
  /** Counts the writes; unsigned 32-bit. */
  readonly generation: number;
  readonly frozen: boolean;
  readonly signature: Signature | null;
  /** 32 bytes a package, in ascending order. */
  readonly packages: Uint8Array;
  /** In ascending order of bit. */
  readonly flags: readonly FlagEntry[];
  readonly meta: Meta;
  /** Optional sections of newer releases: kept as they are. */
  readonly extensions: readonly Section[];
  /** By those who signed before: ascending by key id, none twice. Absent where there are none. */
  readonly cosignatures?: readonly Signature[];
}

/**
 * Decides about the signature of a signed file, or its absence; throws `ERR_SIGNATURE`.
 *
 * @param bytes the whole file
 */
export type SignatureCheck = (bytes: Uint8Array, signature: Signature | null) => void;

export const BITS_TAG = "bits";
export const FLAG_TAG = "flag";
export const META_TAG = "meta";
export const SIGNATURES_TAG = "sigs";

/**
 * Reads a file and checks every byte of it. Views of `bytes` are kept, so the caller must not
 * write to it afterwards.
 *
 * @param checkSignature called for every file, before the body is believed
 * @throws FormatError naming offset, field, expected and found; whatever `checkSignature` throws
 */
export function decodeFile(bytes: Uint8Array, checkSignature: SignatureCheck): File {
  const header = decodeHeader(bytes);
  checkBodySize(bytes);
  if (header.signature === null) checkUnsignedSeal(bytes);
  checkSignature(bytes, header.signature);
  const { packages, sections } = decodeBody(bytes);
  let { featureFlags } = header.record;
  let flags: readonly FlagEntry[] = [];
  let meta: Meta = {};
  const extensions: Section[] = [];
  let cosignatures: readonly Signature[] | undefined;
  for (const section of sections) {
    if (section.tag === BITS_TAG) {
      featureFlags |= decodeBits(section.payload, section.offset);
    } else if (section.tag === FLAG_TAG) {
      flags = decodeFlagTable(section.payload, section.offset);
    } else if (section.tag === META_TAG) {
      meta = decodeMeta(section.payload, section.offset);
      checkMetaAgrees(meta, header.record, flags, section.offset);
    } else if (section.tag === SIGNATURES_TAG) {
      cosignatures = decodeCosignatures(section.payload, section.offset);
      if (header.signature === null) throw unsignedCosigned(section.offset);
    } else if (isRequired(section.tag)) {
      throw new FormatError(
        {
          offset: section.offset - 8,
          field: "section tag",
          expected: `${BITS_TAG}, ${FLAG_TAG}, ${META_TAG}, ${SIGNATURES_TAG}, or an optional section (upper-case first letter)`,
          found: `"${section.tag}"`,
        },
        { hint: "A newer immuconfig may have written it: update immuconfig." },
      );
    } else {
      extensions.push(section);
    }
  }
  const { generation, frozen, signature } = header;
  const record = { ...header.record, featureFlags };
  const file = { record, generation, frozen, signature, packages, flags, meta, extensions };
  return cosignatures === undefined ? file : { ...file, cosignatures };
}

/**
 * Reads a file of which nothing is believed: to show it, to compare it or to keep it. Every byte is
 * checked as `decodeFile` does, but for who signed it.
 *
 * @throws FormatError naming offset, field, expected and found
 */
export function decodeUnverified(bytes: Uint8Array): File {
  return decodeFile(bytes, () => undefined);
}

/**
 * The canonical bytes of a file. A signature is written as it is; without one the file is sealed
 * by its checksum.
 */
export function encodeFile(file: File): Uint8Array {
  const sections = [...file.extensions];
  const bits = encodeBits(file.record.featureFlags);
  if (bits.length > 0) sections.push(newSection(BITS_TAG, bits));
  if (file.flags.length > 0) sections.push(newSection(FLAG_TAG, encodeFlagTable(file.flags)));
  const meta = encodeMeta(file.meta);
  if (meta.length > 0) sections.push(newSection(META_TAG, meta));
  if (file.cosignatures !== undefined) {
    sections.push(newSection(SIGNATURES_TAG, encodeCosignatures(file.cosignatures)));
  }
  sections.sort((a, b) => (a.tag < b.tag ? -1 : 1));

  const bytes = new Uint8Array(HEADER_SIZE + bodySize(file.packages, sections));
  writeHeader(bytes, file);
  writeBody(bytes, file.packages, sections);
  if (file.signature === null) writeCrc64(bytes, OFFSET.seal, unsignedSeal(bytes));
  return bytes;
}

/** The unscoped registry's URL, where the file holds it. */
export function registryUrl(file: File): string | undefined {
  return file.meta.registries?.[DEFAULT_SCOPE];
}

/** What the file says of a flag besides its state. */
export function flagMeta({ meta: { flags } }: File, name: string): FlagMeta {
  // A flag may be called `constructor`.
  return (flags !== undefined && Object.hasOwn(flags, name) && flags[name]) || {};
}

export function isRetired(file: File, name: string): boolean {
  return flagMeta(file, name).retired === true;
}

function unsignedCosigned(offset: number): FormatError {
  return new FormatError({
    offset,
    field: "sigs",
    expected: "a signed file",
    found: "an unsigned one",
  });
}

function isRequired(tag: string): boolean {
  return tag.charCodeAt(0) >= 0x61;
}

function newSection(tag: string, payload: Uint8Array): Section {
  return { tag, payload, offset: 0 };
}

/** `meta` follows `flag` in the file, so the flag table is known here. */
function checkMetaAgrees(
  meta: Meta,
  record: Record,
  flags: readonly FlagEntry[],
  offset: number,
): void {
  const url = meta.registries?.[DEFAULT_SCOPE];
  if (url !== undefined && registryHash(url) !== record.registryHash) {
    throw new FormatError({
      offset,
      field: "meta.registries.default",
      expected: `a URL that hashes to ${hex32(record.registryHash)}`,
      found: `one that hashes to ${hex32(registryHash(url))}`,
    });
  }
  const described = Object.keys(meta.flags ?? {});
  const names = new Set(described.length === 0 ? [] : flags.map((flag) => flag.name));
  for (const name of described) {
    if (names.has(name)) continue;
    throw new FormatError({
      offset,
      field: "meta.flags",
      expected: "only names of the flag table",
      found: `"${name}"`,
    });
  }
}
