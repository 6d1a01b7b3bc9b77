/** Every failure immuconfig reports. A code never changes its meaning. */
export type ErrorCode =
  /** The bytes break a rule of docs/format.md. */
  | "ERR_FORMAT"
  /** A private key is not there, does not open, or cannot be used. */
  | "ERR_KEY"
  /** A signed file whose signature is wrong, or whose key is not trusted here. */
  | "ERR_SIGNATURE"
  /** `IMMUCONFIG_PIN` is not a list of valid records. */
  | "ERR_PIN"
  /** A value given by the caller breaks a rule: a URL, a flag name, a number. */
  | "ERR_VALUE"
  /** The command line cannot be understood. */
  | "ERR_USAGE"
  /** There is no configuration file, or no such flag. */
  | "ERR_NOT_FOUND"
  /** A file that was to be created is there already. */
  | "ERR_EXISTS"
  /** A record cannot be kept under this name. */
  | "ERR_UNSAFE_NAME"
  /** A file that was found, and not named, belongs to another user. */
  | "ERR_OWNER"
  /** The operating system refused to read. */
  | "ERR_READ"
  /** The operating system refused to write; the old file is whole, unless the message says else. */
  | "ERR_WRITE"
  /** Another writer held the lock for longer than the caller would wait. */
  | "ERR_BUSY"
  /** This file system has no kernel lock. */
  | "ERR_LOCK"
  /** The record is frozen. */
  | "ERR_FROZEN"
  /** This system, or this runtime, cannot do what was asked. */
  | "ERR_UNSUPPORTED"
  /** The native library, or a package that goes with immuconfig, is of another release than the code. */
  | "ERR_ABI"
  /** The Bun that is to run the project is older than the record allows. */
  | "ERR_BUN_VERSION"
  /** A parent process pinned the record. */
  | "ERR_PINNED"
  /** The config version, or a program's version, would go down. */
  | "ERR_DOWNGRADE"
  /** The flag is retired. */
  | "ERR_RETIRED"
  /** The live segment, or the folder that it lies in, cannot be trusted. */
  | "ERR_LIVE"
  /** No process that can be reached reads what was to be changed. */
  | "ERR_NO_READER"
  /** Two sides of a merge changed the same thing, or a file changed while we were editing it. */
  | "ERR_CONFLICT"
  /** A source uses `feature()` in a way that some bundler gets wrong. */
  | "ERR_SOURCE"
  /** A bundler, or this version of it, does not do what the build needs. */
  | "ERR_BUNDLER"
  /** A program that was run for the user (git, bun) failed. */
  | "ERR_SUBPROCESS"
  /** A server could not be reached, or stopped answering. */
  | "ERR_NETWORK"
  /** A registry's answer breaks the registry's own rules. */
  | "ERR_REGISTRY"
  /** A download has no digest, a weak one, or another one than promised. */
  | "ERR_DIGEST"
  /** `bun.lock`, or what is installed, breaks a rule or is not what the record says. */
  | "ERR_PACKAGES"
  /** An attestation is wrong, or is about something else. */
  | "ERR_PROVENANCE"
  /** A packed release holds anything else than one program and its documents. */
  | "ERR_ARCHIVE"
  /** A program does not run, hangs, or is not the version it should be. */
  | "ERR_PROGRAM"
  /** Someone else looks after this program: a package manager, the system. */
  | "ERR_MANAGED"
  /** The user was asked, and said no. */
  | "ERR_DECLINED"
  /** A fault of immuconfig itself. */
  | "ERR_INTERNAL";

export interface ErrorOptions {
  /** What the user can do about it: one sentence. */
  hint?: string;
  cause?: unknown;
}

const BRAND = Symbol.for("immuconfig.error");

/**
 * The base of all errors that immuconfig throws.
 *
 * @example
 * try { load("bunfig.lockb") } catch (error) {
 *   if (error instanceof ImmuconfigError && error.code === "ERR_FORMAT") …
 * }
 */
export class ImmuconfigError extends Error {
  /** Entry points are bundles of their own, and each has this class: they know each other's. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  get [BRAND](): true {
    return true;
  }

  override readonly name: string = "ImmuconfigError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** Where and how bytes break the format. */
export interface FormatFault {
  /** Bytes from the start of the file (or of the record, for a record alone). */
  offset: number;
  /** The field's name in docs/format.md. */
  field: string;
  expected: string;
  found: string;
}

/** A fault in words, without the file's name. */
export function faultText({ offset, field, expected, found }: FormatFault): string {
  return `offset ${offset}, ${field}: expected ${expected}, found ${found}`;
}

/** Bytes that break a rule of docs/format.md (code `ERR_FORMAT`). */
export class FormatError extends ImmuconfigError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof ImmuconfigError && value.name === "FormatError";
  }

  override readonly name = "FormatError";
  readonly fault: FormatFault;

  /** @param options.path of the file, where there is one */
  constructor(fault: FormatFault, options: ErrorOptions & { path?: string } = {}) {
    const where = options.path === undefined ? "" : `${options.path} is not valid: `;
    super("ERR_FORMAT", where + faultText(fault), options);
    this.fault = fault;
  }
}

/** What was thrown, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A caller's value that breaks a rule (code `ERR_VALUE`). */
export function valueError(message: string, hint?: string): ImmuconfigError {
  return new ImmuconfigError("ERR_VALUE", message, hint === undefined ? {} : { hint });
}
