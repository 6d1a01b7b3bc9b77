/**
 * The spawn pin: the records that a process hands to its children in `IMMUCONFIG_PIN`
 * (docs/format.md, "Spawn pin").
 */

import type { Environment } from "../base/environment.ts";
import { FormatError, ImmuconfigError } from "../base/errors.ts";
import { type Record, recordFromText, recordToText } from "../format/record.ts";
import { PIN_COUNT_MAX } from "../base/limits.ts";
import { realFilePath } from "../store/real_path.ts";
import { PIN_OFF, PIN_VARIABLE } from "./children.ts";

export interface Pin {
  readonly record: Record;
  /** The real path of the file that it binds; undefined binds every file. */
  readonly path: string | undefined;
}

/**
 * @param text the variable's value
 * @throws ImmuconfigError `ERR_PIN`
 */
export function parsePins(text: string | undefined): Pin[] {
  if (text === undefined || text === "" || text === PIN_OFF) return [];
  const entries = text.split(",");
  checkCount(entries.length);
  const pins = entries.map(parsePin);
  const paths = new Set(pins.map((pin) => pin.path));
  if (paths.size < pins.length) throw pinError("it holds two records for one file");
  return pins;
}

/** The text form of a list of pins. */
export function formatPins(pins: readonly Pin[]): string {
  return pins
    .map(
      ({ record, path }) =>
        recordToText(record) + (path === undefined ? "" : `@${escapePath(path)}`),
    )
    .join(",");
}

/**
 * The pin that binds a file: the one for its path, else the one for every file.
 *
 * @throws ImmuconfigError `ERR_PIN`
 */
export function findPin(env: Environment, path: string): Pin | undefined {
  const pins = parsePins(env[PIN_VARIABLE]);
  if (pins.length === 0) return undefined;
  const real = realFilePath(path);
  return pins.find((pin) => pin.path === real) ?? pins.find((pin) => pin.path === undefined);
}

/**
 * The variable's value for children of a process that loaded a record.
 *
 * @param path of the file that was loaded
 * @param record its text
 * @returns undefined when pins are switched off
 * @throws ImmuconfigError `ERR_PIN`
 */
export function pinValue(env: Environment, path: string, record: string): string | undefined {
  const text = env[PIN_VARIABLE];
  if (text === PIN_OFF) return undefined;
  const real = realFilePath(path);
  const own = `${record}@${escapePath(real)}`;
  const others = parsePins(text).filter((pin) => pin.path !== real);
  if (others.length === 0) return own;
  // A child would refuse more than it may hold.
  checkCount(others.length + 1);
  return `${formatPins(others)},${own}`;
}

function checkCount(count: number): void {
  if (count <= PIN_COUNT_MAX) return;
  throw pinError(`it holds ${count} records, at most ${PIN_COUNT_MAX} are allowed`);
}

function parsePin(entry: string): Pin {
  const at = entry.indexOf("@");
  const text = at === -1 ? entry : entry.slice(0, at);
  let record: Record;
  try {
    record = recordFromText(text);
  } catch (cause) {
    throw pinError(cause instanceof FormatError ? cause.message : String(cause), cause);
  }
  if (at === -1) return { record, path: undefined };
  const path = unescapePath(entry.slice(at + 1));
  const absolute = path !== undefined && (path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path));
  if (!absolute) {
    throw pinError(`after "${text}@" there must be an absolute path`);
  }
  return { record, path };
}

/** Commas separate pins, so a path's own are escaped, and the escape sign with them. */
function escapePath(path: string): string {
  return path.replaceAll("%", "%25").replaceAll(",", "%2c");
}

function unescapePath(text: string): string | undefined {
  if (/%(?!25|2c)/.test(text)) return undefined;
  return text.replaceAll("%2c", ",").replaceAll("%25", "%");
}

function pinError(reason: string, cause?: unknown): ImmuconfigError {
  return new ImmuconfigError("ERR_PIN", `${PIN_VARIABLE} is not valid: ${reason}`, {
    hint: `A parent process set it. Unset ${PIN_VARIABLE}, or set it to "${PIN_OFF}", to read the file itself.`,
    cause,
  });
}
