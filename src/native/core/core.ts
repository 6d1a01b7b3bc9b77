/** What the native core offers, by the shared library and by WebAssembly. */

import { valueError } from "../../base/errors.ts";
import { type FlagSet, isFlagSet } from "../../format/flag_set.ts";
import type { Header } from "../../format/header.ts";
import type { Crc64 } from "../../hash.ts";
import { BODY_SIZE_MAX, CONFIG_VERSION_MAX, GENERATION_MAX } from "../../base/limits.ts";
import type { FAULT } from "../abi.ts";
import { checkRange, checkTerminal, type TerminalAccess } from "../terminal.ts";

export type Backend = "ffi" | "addon" | "wasm";

/** The rule that bytes break, by the field's name; `none` when they break none. */
export type FaultName = keyof typeof FAULT;

/** The first rule that bytes break, and where. */
export interface Verdict {
  readonly fault: FaultName;
  /** Bytes from the start; 0 when there is no fault. */
  readonly offset: number;
  /** The file carries a signature, which was not checked here. */
  readonly signed: boolean;
}

/** What the caller decides about a header. */
export type HeaderFields = Pick<Header, "record" | "generation" | "frozen">;

export interface NativeCore extends RecordCore, TerminalAccess {
  readonly backend: Backend;
}

/** What the core knows of records. */
export interface RecordCore {
  /**
   * Checks a whole file but for the JSON inside section `meta` and the signature.
   *
   * @example if (native.verify(bytes).fault !== "none") …
   */
  verify(bytes: Uint8Array): Verdict;
  /** Checks a 13-byte record that travels alone. */
  verifyRecord(bytes: Uint8Array): Verdict;
  /**
   * The 104-byte header of an unsigned file.
   *
   * @param body all that follows the header
   * @throws ImmuconfigError `ERR_VALUE` when a field is out of its range
   */
  encodeHeader(fields: HeaderFields, body: Uint8Array): Uint8Array;
  /** MurmurHash3 x86_32, unsigned. */
  murmurHash3(bytes: Uint8Array, seed?: number): number;
  /**
   * A registry's URL in the form that is stored and hashed. Zig answers for plain URLs, the full
   * URL parser for the others.
   *
   * @throws ImmuconfigError `ERR_VALUE`
   */
  canonicalRegistryUrl(url: string): string;
  /** CRC-64/XZ, going on from `previous`. */
  crc64(bytes: Uint8Array, previous?: Crc64): Crc64;

  /**
   * Checks a file and makes its record this process's own. The first one stays: another gives
   * the fault `loaded`.
   */
  load(bytes: Uint8Array): Verdict;
  /**
   * The loaded header's 104 bytes, in the core's own memory and not a copy: zeros before `load`,
   * constant after it, valid as long as the process. Do not write to it.
   */
  readonly header: Uint8Array;
  /** The loaded record's config version. */
  readonly version: () => number;
  readonly generation: () => number;
  /** All flags of the loaded record; bit n is flag n. */
  readonly flags: () => FlagSet;
  /** Whether the flag at a bit is on. */
  readonly feature: (bit: number) => boolean;
  /** @returns undefined when the loaded file has no flag of this name */
  readonly featureByName: (name: string) => boolean | undefined;
}

/** @throws ImmuconfigError `ERR_VALUE` */
export function checkHeaderFields(fields: HeaderFields, body: Uint8Array): void {
  const { record, generation } = fields;
  checkRange("config version", record.version, CONFIG_VERSION_MAX);
  checkRange("registry hash", record.registryHash, 0xffff_ffff);
  if (!isFlagSet(record.featureFlags)) throw valueError("feature flags must have known bits");
  checkTerminal({ mode: record.terminalMode, rows: record.rows, cols: record.cols });
  checkRange("generation", generation, GENERATION_MAX);
  checkRange("body size", body.length, BODY_SIZE_MAX);
}
