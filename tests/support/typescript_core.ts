/** The calls of the native core, answered by the TypeScript codec: what the others are compared with. */

import { FormatError } from "../../src/base/errors.ts";
import { decodeBody } from "../../src/format/body.ts";
import { writeCrc64 } from "../../src/format/bytes.ts";
import { decodeCosignatures } from "../../src/format/cosignatures.ts";
import { BITS_TAG, decodeFile, FLAG_TAG, SIGNATURES_TAG } from "../../src/format/file.ts";
import { decodeBits, type FlagSet, hasFlag, NO_FLAGS } from "../../src/format/flag_set.ts";
import { decodeFlagTable, type FlagEntry } from "../../src/format/flags.ts";
import { decodeHeader, type Header, unsignedSeal, writeHeader } from "../../src/format/header.ts";
import { HEADER_SIZE, OFFSET, SECTION_HEAD_SIZE } from "../../src/format/layout.ts";
import { decodeRecord } from "../../src/format/record.ts";
import { canonicalRegistryUrl } from "../../src/format/registry_url.ts";
import { crc64, murmurHash3 } from "../../src/hash.ts";
import {
  checkHeaderFields,
  type FaultName,
  type RecordCore,
  type Verdict,
} from "../../src/native/core/core.ts";
import { FAULT } from "../../src/native/abi.ts";

const WHOLE: Verdict = { fault: "none", offset: 0, signed: false };

interface Loaded {
  readonly header: Header;
  readonly entries: readonly FlagEntry[];
  readonly flags: FlagSet;
}

/** A core with a record of its own. */
export function createTypescriptCore(): RecordCore & { readonly backend: "typescript" } {
  const header = new Uint8Array(HEADER_SIZE);
  let loaded: Loaded | undefined;
  const flags = (): FlagSet => loaded?.flags ?? NO_FLAGS;

  return {
    backend: "typescript",
    verify,
    verifyRecord,
    encodeHeader(fields, body) {
      checkHeaderFields(fields, body);
      const bytes = new Uint8Array(HEADER_SIZE + body.length);
      bytes.set(body, HEADER_SIZE);
      writeHeader(bytes, { ...fields, signature: null });
      writeCrc64(bytes, OFFSET.seal, unsignedSeal(bytes));
      return bytes.slice(0, HEADER_SIZE);
    },
    canonicalRegistryUrl,
    murmurHash3,
    crc64: (bytes, previous) => crc64(bytes, 0, bytes.length, previous),
    load(bytes) {
      const verdict = verify(bytes);
      if (verdict.fault !== "none") return verdict;
      const isSame = header.every((byte, i) => byte === bytes[i]);
      if (loaded !== undefined) return isSame ? verdict : faultAt("loaded", 0);
      loaded = readLoaded(bytes);
      header.set(bytes.subarray(0, HEADER_SIZE));
      return verdict;
    },
    header,
    version: () => loaded?.header.record.version ?? 0,
    generation: () => loaded?.header.generation ?? 0,
    flags,
    feature: (bit) => hasFlag(flags(), bit),
    featureByName(name) {
      const flag = loaded?.entries.find((entry) => entry.name === name);
      return flag && hasFlag(flags(), flag.bit);
    },
  };
}

/** Reads what `load` keeps of a file that `verify` found whole. */
function readLoaded(bytes: Uint8Array): Loaded {
  const { sections } = decodeBody(bytes);
  const header = decodeHeader(bytes);
  const table = sections.find(({ tag }) => tag === FLAG_TAG);
  const bits = sections.find(({ tag }) => tag === BITS_TAG);
  return {
    header,
    entries: table === undefined ? [] : decodeFlagTable(table.payload, table.offset),
    flags:
      header.record.featureFlags |
      (bits === undefined ? NO_FLAGS : decodeBits(bits.payload, bits.offset)),
  };
}

function verify(bytes: Uint8Array): Verdict {
  let signed = false;
  try {
    decodeFile(bytes, (_, signature) => {
      signed = signature !== null;
    });
  } catch (error) {
    return { ...verdictOf(error, bytes), signed };
  }
  return { ...WHOLE, signed };
}

function verifyRecord(bytes: Uint8Array): Verdict {
  try {
    decodeRecord(bytes);
  } catch (error) {
    return verdictOf(error, bytes);
  }
  return WHOLE;
}

function faultAt(fault: FaultName, offset: number): Verdict {
  return { fault, offset, signed: false };
}

function verdictOf(error: unknown, bytes: Uint8Array): Verdict {
  if (!(error instanceof FormatError)) throw error;
  const { field, offset } = error.fault;
  return field.startsWith("meta") ? verdictBeyondMeta(bytes) : faultAt(faultOf(field), offset);
}

/** The native core does not read the JSON in `meta`: what does it say of the rest? */
function verdictBeyondMeta(bytes: Uint8Array): Verdict {
  const { sections } = decodeBody(bytes);
  const meta = sections.findIndex(({ tag }) => tag === "meta");
  for (const { tag, payload, offset } of sections.slice(meta + 1)) {
    if (tag !== SIGNATURES_TAG) {
      if (tag >= "a") return faultAt("sectionTag", offset - SECTION_HEAD_SIZE);
      continue;
    }
    try {
      decodeCosignatures(payload, offset);
    } catch (error) {
      return verdictOf(error, bytes);
    }
    if (decodeHeader(bytes).signature === null) return faultAt("sigs", offset);
  }
  return WHOLE;
}

/** The fault for a field of docs/format.md: the same words in camel case. */
function faultOf(field: string): FaultName {
  if (field.startsWith("length of section")) return "sectionLength";
  const name = field.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
  if (Object.hasOwn(FAULT, name)) return name as FaultName;
  throw new Error(`no native fault stands for the field "${field}"`);
}
