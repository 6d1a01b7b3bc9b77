/**
 * `immuconfig/core`: files of records, and nothing that happens by itself. Importing it reads
 * nothing and changes nothing.
 */

export { FormatError, ImmuconfigError } from "./base/errors.ts";
export type { ErrorCode, FormatFault } from "./base/errors.ts";
export * as limits from "./base/limits.ts";
export { encodeFile as encode } from "./format/file.ts";
export type { File } from "./format/file.ts";
export type { Record, TerminalMode } from "./format/record.ts";
export { decode, load, parse } from "./runtime/load.ts";
export type { Config, FeatureRegistry, Features } from "./runtime/config.ts";
