export { FormatError, ImmuconfigError } from "./base/errors.ts";
export type { ErrorCode, FormatFault } from "./base/errors.ts";
export type { TerminalMode } from "./format/record.ts";
export { config } from "./runtime/default.ts";
export { load, parse } from "./runtime/load.ts";
export type { Config, FeatureRegistry, Features } from "./runtime/snapshot.ts";
