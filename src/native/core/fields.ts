import { TERMINAL_MODES } from "../../format/record.ts";
import { checkHeaderFields, type HeaderFields } from "./core.ts";
import { FIELDS } from "../abi.ts";

/**
 * Writes a `Fields` struct at the start of `view`.
 *
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function writeFields(view: DataView, fields: HeaderFields, body: Uint8Array): void {
  checkHeaderFields(fields, body);
  const { record, generation, frozen } = fields;
  view.setUint32(FIELDS.registryHash, record.registryHash, true);
  view.setUint32(FIELDS.featureFlags, record.featureFlags, true);
  view.setUint32(FIELDS.generation, generation, true);
  view.setUint32(FIELDS.frozen, frozen ? 1 : 0, true);
  view.setUint8(FIELDS.configVersion, record.version);
  view.setUint8(FIELDS.terminalMode, TERMINAL_MODES.indexOf(record.terminalMode));
  view.setUint8(FIELDS.rows, record.rows);
  view.setUint8(FIELDS.cols, record.cols);
}
