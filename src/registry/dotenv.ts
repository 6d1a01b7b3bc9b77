/** The variables of a project's `.env` files that change which registry Bun asks. */

import { valueError } from "../base/errors.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../base/limits.ts";

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:](.*)$/;

/**
 * @param names of the variables that matter: all others are passed over
 * @param file for messages
 * @throws ImmuconfigError `ERR_VALUE` for one of them that is set by an expression
 */
export function parseDotenv(
  text: string,
  names: readonly string[],
  file: string,
): ReadonlyMap<string, string> {
  if (text.length > SETTINGS_FILE_SIZE_MAX) throw valueError(`${file} is too long to be read`);
  const values = new Map<string, string>();
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n|\r/);
  for (let i = 0; i < lines.length; i++) {
    const [, name = "", rest = ""] = ASSIGNMENT.exec(lines[i] ?? "") ?? [];
    const written = rest.trim();
    const start = i;
    // A quoted value may go on over lines, which then set nothing.
    if (isOpen(written)) i = closingLine(lines, i, written.charAt(0));
    if (!names.includes(name)) continue;
    const value = plainValue(written);
    if (i !== start || value === undefined) {
      throw valueError(
        `${file}:${start + 1}: ${name} is set by more than a plain value`,
        "Set it outside the project, or write the value as it is.",
      );
    }
    values.set(name, value);
  }
  return values;
}

function isOpen(written: string): boolean {
  const quote = written.charAt(0);
  return /^["'`]/.test(written) && !written.includes(quote, 1);
}

/** @returns the line itself where no quote follows: the value is then what stands there */
function closingLine(lines: readonly string[], start: number, quote: string): number {
  for (let i = start + 1; i < lines.length; i++) if (lines[i]?.includes(quote) === true) return i;
  return start;
}

/** @returns undefined where it takes an interpreter to tell */
function plainValue(written: string): string | undefined {
  if (/[\\$]/.test(written)) return undefined;
  const quoted = /^(["'`])([^"'`]*)\1\s*(?:#.*)?$/.exec(written);
  if (quoted !== null) return quoted[2];
  if (/["'`]/.test(written)) return undefined;
  return written.split("#", 1)[0]?.trim();
}
