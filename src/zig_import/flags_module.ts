import { checkFlagName } from "../format/flags.ts";

const HEADER = "//! The flags of this project's record, written by immuconfig.";

/** Whether a text is such a file, of whatever record. */
export function isZigFlagsText(text: string): boolean {
  return text.startsWith(HEADER);
}

/**
 * A Zig file with one constant for each flag, so that Zig code is gated by the same record as
 * everything else, at compile time: a dead branch is not even analysed, and a name that the
 * record does not have is a compile error.
 *
 * @param features by name
 * @throws ImmuconfigError `ERR_VALUE` for a name that is none
 * @example
 * zigFlagsModule(config.features); // "pub const DEBUG = false;\n…"
 * // In Zig: const flags = @import("flags.zig");  if (flags.DEBUG) { … }
 */
export function zigFlagsModule(features: Readonly<Record<string, boolean>>): string {
  const lines = Object.entries(features).map(([name, on]) => {
    checkFlagName(name);
    return `pub const ${zigName(name)} = ${on};`;
  });
  const head = `${HEADER}\n`;
  return [head, ...lines, ""].join("\n");
}

/** Keywords and types are lower-case names, which Zig takes in quotes. */
function zigName(name: string): string {
  return /^[A-Z][A-Z0-9_]*$/.test(name) ? name : `@"${name}"`;
}
