/** What every implementation of the native core offers: shared library, WebAssembly, TypeScript. */

import { valueError } from "../../base/errors.ts";
import type { Header } from "../../format/header.ts";
import { TERMINAL_MODES, type TerminalMode } from "../../format/record.ts";
import type { Crc64 } from "../../hash.ts";
import { BODY_SIZE_MAX, CONFIG_VERSION_MAX, GENERATION_MAX } from "../../base/limits.ts";
import { FAULT } from "../abi.ts";

export type Backend = "ffi" | "wasm" | "typescript";

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

export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

/** What the record says of a terminal. */
export interface TerminalSettings {
  readonly mode: TerminalMode;
  /** 0 to 255 lines; 0 takes the terminal's. */
  readonly rows: number;
  /** 0 to 255 columns; 0 takes the terminal's. */
  readonly cols: number;
}

/** A terminal in the record's mode, until `restore`. */
export interface TerminalSession extends TerminalSize {
  /** Brings the terminal back to what it was. */
  restore(): void;
}

/** How a core reaches terminals. */
export interface TerminalAccess {
  /** @throws ImmuconfigError `ERR_VALUE` when `fd` is no terminal, `ERR_READ` */
  terminalSize(fd: number): TerminalSize;
  /**
   * Brings a terminal into the record's mode. Only the mode changes: the size is reported.
   *
   * @throws ImmuconfigError `ERR_VALUE` when `fd` is no terminal or a value is out of its range,
   * `ERR_READ`
   */
  terminalInit(fd: number, settings: TerminalSettings): TerminalSession;
}

export interface NativeCore extends TerminalAccess {
  readonly backend: Backend;

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
  /** All flags of the loaded record; bit n is flag n, unsigned. */
  readonly flags: () => number;
  /** True when all flags in `mask` are on. */
  readonly feature: (mask: number) => boolean;
  /** @returns undefined when the loaded file has no flag of this name */
  readonly featureByName: (name: string) => boolean | undefined;
}

/** @throws ImmuconfigError `ERR_VALUE` */
export function checkHeaderFields(fields: HeaderFields, body: Uint8Array): void {
  const { record, generation } = fields;
  checkRange("config version", record.version, CONFIG_VERSION_MAX);
  checkRange("registry hash", record.registryHash, 0xffff_ffff);
  checkRange("feature flags", record.featureFlags, 0xffff_ffff);
  checkTerminal({ mode: record.terminalMode, rows: record.rows, cols: record.cols });
  checkRange("generation", generation, GENERATION_MAX);
  checkRange("body size", body.length, BODY_SIZE_MAX);
}

/** @throws ImmuconfigError `ERR_VALUE` */
export function checkTerminal({ mode, rows, cols }: TerminalSettings): void {
  if (!TERMINAL_MODES.includes(mode)) throw valueError(`there is no terminal mode "${mode}"`);
  checkRange("rows", rows, 255);
  checkRange("cols", cols, 255);
}

function checkRange(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw valueError(`${name} must be a whole number from 0 to ${max}, not ${value}`);
}

export function notATerminal(fd: number): Error {
  return valueError(`file descriptor ${fd} is not a terminal`);
}
