/** The variables of a project's `.env` files that change which registry Bun asks. */

import { valueError } from "../base/errors.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../base/limits.ts";

/** White space is what Bun takes for it, and no other letter that looks like one. */
const NAME = String.raw`^[ \t\v\f]*(?:export[ \t\v\f]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t\v\f]*`;
const ASSIGNMENT = new RegExp(`${NAME}([=:])([^]*)$`);
const NAME_ALONE = new RegExp(`${NAME}$`);
const BLANK_LINE = /^[ \t\v\f]*$/;
const COMMENT = /^[ \t\v\f]*#/;

/**
 * @param names of the variables that matter: all others are passed over
 * @param file for messages
 * @throws ImmuconfigError `ERR_VALUE` for one of them that is set by an expression, or where a quote that
 * is no value's may hide it
 */
export function parseDotenv(
  text: string,
  names: readonly string[],
  file: string,
): ReadonlyMap<string, string> {
  if (text.length > SETTINGS_FILE_SIZE_MAX) throw valueError(`${file} is too long to be read`);
  const values = new Map<string, string>();
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n|\r/);
  let isClear = true;
  for (let i = 0; i < lines.length; i++) {
    const { name, value, hides } = readLine(lines, i);
    const start = i;
    // A quoted value may go on over lines, which then set nothing.
    i = lastLine(lines, i);
    if (names.includes(name)) {
      if (i !== start || value === undefined || !isClear) {
        throw valueError(
          `${file}:${start + 1}: ${name} is set by more than a plain value`,
          "Set it outside the project, or write the value as it is.",
        );
      }
      values.set(name, value);
    }
    isClear &&= !hides;
  }
  return values;
}

interface Line {
  /** Empty where the line sets nothing. */
  readonly name: string;
  /** Undefined where it takes an interpreter to tell. */
  readonly value: string | undefined;
  /** Whether it is none that a file should have, or a value that may take what follows along. */
  readonly hides: boolean;
}

function readLine(lines: readonly string[], at: number): Line {
  const line = lines[at] ?? "";
  const [, name = "", sign = "", rest = ""] = ASSIGNMENT.exec(line) ?? [];
  if (sign === "") {
    const [, alone = ""] = NAME_ALONE.exec(line) ?? [];
    // Bun finds the sign on a later line, too.
    const isSplit = alone !== "" && /^[ \t\v\f]*[=:]/.test(nextLine(lines, at));
    const hides = alone === "" && !BLANK_LINE.test(line) && !COMMENT.test(line);
    return { name: isSplit ? alone : "", value: undefined, hides };
  }
  const value = plainValue(rest);
  // And the value, where it is quoted; at the end of the file, an empty one is none.
  const goesOn = sign === ":" || /^[ \t\v\f]*["'`]/.test(nextLine(lines, at));
  const hides = value === "" && goesOn;
  // A colon counts with a blank behind it, which may be the line's end.
  const isDoubtful = sign === ":" && (value === "" || !/^[ \t\v\f]/.test(rest));
  const isNone = (value === "" && at === lines.length - 1) || isDoubtful;
  return { name, value: hides || isNone ? undefined : value, hides };
}

/** The next that is not blank. */
function nextLine(lines: readonly string[], at: number): string {
  let next = at + 1;
  while (next < lines.length && BLANK_LINE.test(lines[next] ?? "")) next++;
  return lines[next] ?? "";
}

/** Where what a line begins ends. */
function lastLine(lines: readonly string[], at: number): number {
  const written = (ASSIGNMENT.exec(lines[at] ?? "")?.[3] ?? "").trim();
  return isOpen(written) ? closingLine(lines, at, written.charAt(0)) : at;
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

const OTHER_THAN_TEXT = /[^\t\x20-\x7e]|[\\$]/;

/** @returns undefined where it takes an interpreter to tell */
function plainValue(rest: string): string | undefined {
  if (OTHER_THAN_TEXT.test(rest)) return undefined;
  const written = rest.trim();
  const quoted = /^(["'`])([^"'`]*)\1\s*(?:#.*)?$/.exec(written);
  if (quoted !== null) return quoted[2];
  if (/["'`]/.test(written)) return undefined;
  const value = written.split("#", 1)[0]?.trim();
  // Blanks alone are a value of Bun's.
  return value === "" && rest !== "" ? undefined : value;
}
