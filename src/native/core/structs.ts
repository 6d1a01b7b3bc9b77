/** The structs of the C ABI, written and read (src/native/abi.ts). */

import { headerFlags } from "../../format/flag_set.ts";
import { TERMINAL_MODES } from "../../format/record.ts";
import { FAULT, FIELDS, VERDICT } from "../abi.ts";
import { checkHeaderFields, type FaultName, type HeaderFields, type Verdict } from "./core.ts";

const FAULT_NAMES = new Map<number, FaultName>(
  Object.entries(FAULT).map(([name, code]) => [code, name as FaultName]),
);

/** Whole words of a `Verdict` struct. */
export const VERDICT_WORDS = VERDICT.SIZE / 4;

/** Reads a `Verdict` struct from the start of `words`. */
export function readVerdict(words: Uint32Array): Verdict {
  const fault = faultName(words[VERDICT.fault / 4] ?? 0);
  const offset = words[VERDICT.offset / 4] ?? 0;
  return { fault, offset, signed: words[VERDICT.signed / 4] === 1 };
}

export function faultName(code: number): FaultName {
  const name = FAULT_NAMES.get(code);
  if (name === undefined) throw new Error(`the native core returned the unknown fault ${code}`);
  return name;
}

/**
 * Writes a `Fields` struct at the start of `view`.
 *
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function writeFields(view: DataView, fields: HeaderFields, body: Uint8Array): void {
  checkHeaderFields(fields, body);
  const { record, generation, frozen } = fields;
  view.setUint32(FIELDS.registryHash, record.registryHash, true);
  view.setUint32(FIELDS.featureFlags, headerFlags(record.featureFlags), true);
  view.setUint32(FIELDS.generation, generation, true);
  view.setUint32(FIELDS.frozen, frozen ? 1 : 0, true);
  view.setUint8(FIELDS.configVersion, record.version);
  view.setUint8(FIELDS.terminalMode, TERMINAL_MODES.indexOf(record.terminalMode));
  view.setUint8(FIELDS.rows, record.rows);
  view.setUint8(FIELDS.cols, record.cols);
}
