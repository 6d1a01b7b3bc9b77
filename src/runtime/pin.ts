/**
 * The spawn pin: the records that a process hands to its children in `IMMUCONFIG_PIN`
 * (docs/format.md, "Spawn pin").
 */

import type { Environment } from "../base/environment.ts";
import { FormatError, ImmuconfigError } from "../base/errors.ts";
import { type Record, recordFromText, recordToText } from "../format/record.ts";
import { PIN_COUNT_MAX } from "../base/limits.ts";
import { realFilePath } from "../store/real_path.ts";
import type { File } from "../format/file.ts";
import { type ChildPin, PIN_OFF, PIN_VARIABLE, SETTER_VARIABLE } from "./children.ts";
import { isOfThisTree, ownSetter } from "./setter.ts";

export interface Pin {
  readonly record: Record;
  /** The real path of the file that it binds; undefined binds every file. */
  readonly path: string | undefined;
  /** Which process set it (setter.ts); undefined where it does not say. */
  readonly setter?: string;
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
  const pins = readPins(env);
  if (pins.length === 0) return undefined;
  const real = realFilePath(path);
  return pins.find((pin) => bindsFile(pin, real)) ?? pins.find((pin) => pin.path === undefined);
}

/**
 * The pin by which a file is shown. A record that is frozen or signed is above it: a pin that differs
 * must come from a process that this one descends from, which showed the file as it was.
 *
 * @param file as it was read, and verified, at `path`
 * @throws ImmuconfigError `ERR_PIN`
 */
export function pinInForce(env: Environment, path: string, file: File): Pin | undefined {
  const pin = findPin(env, path);
  const isFixed = file.frozen || file.signature !== null;
  if (pin === undefined || !isFixed) return pin;
  const [own, pinned] = [recordToText(file.record), recordToText(pin.record)];
  if (own === pinned || (pin.setter !== undefined && isOfThisTree(pin.setter))) return pin;
  throw new ImmuconfigError(
    "ERR_PIN",
    `${PIN_VARIABLE} has record ${pinned} for ${path}, which is ${file.frozen ? "frozen" : "signed"} with ${own}`,
    { hint: `No process above this one set it. Unset ${PIN_VARIABLE} to read the file itself.` },
  );
}

/**
 * What children of a process that loaded a record get in their environment.
 *
 * @param path of the file that was loaded
 * @param record its text
 * @param pin by which it was shown: what came from above stays whose it was
 * @returns undefined when pins are switched off
 * @throws ImmuconfigError `ERR_PIN`
 */
export function pinForChildren(
  env: Environment,
  path: string,
  record: string,
  pin?: Pin,
): ChildPin | undefined {
  if (env[PIN_VARIABLE] === PIN_OFF) return undefined;
  const real = realFilePath(path);
  const others = readPins(env).filter((other) => !bindsFile(other, real));
  // A child would refuse more than it may hold.
  checkCount(others.length + 1);
  const own = `${record}@${escapePath(real)}`;
  const setters = others.map(({ setter = NOBODY }) => setter);
  return {
    text: others.length === 0 ? own : `${formatPins(others)},${own}`,
    setters: [...setters, (pin === undefined ? ownSetter() : pin.setter) ?? NOBODY].join(","),
  };
}

/** The pins of the environment, and who set each. */
function readPins(env: Environment): Pin[] {
  const pins = parsePins(env[PIN_VARIABLE]);
  const setters = env[SETTER_VARIABLE]?.split(",") ?? [];
  if (setters.length !== pins.length) return pins;
  return pins.map((pin, index) => {
    const setter = setters[index] ?? NOBODY;
    return SETTER.test(setter) ? { ...pin, setter } : pin;
  });
}

/** Stands where it is not known who set a pin. */
const NOBODY = "-";
const SETTER = /^\d{1,10}\.\d{1,20}$/;

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
  if (path === undefined || !ABSOLUTE.test(path)) {
    throw pinError(`after "${text}@" there must be an absolute path`);
  }
  return { record, path };
}

/** With a drive, a server or a device of Windows as well. */
const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/;

/**
 * Windows has many spellings of one path: there, what has the same identity is the same file.
 *
 * @param real the file's path without links
 */
function bindsFile({ path }: Pin, real: string): boolean {
  if (path === real || path === undefined || process.platform !== "win32") return path === real;
  const identity = identityOf(path);
  return identity !== undefined && identity === identityOf(real);
}

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = process.getBuiltinModule("node:fs").statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
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
