import { valueError } from "../base/errors.ts";

const RELEASE = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

/** A released version. Pre-releases and build numbers are never installed by an upgrade. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The parts of `X.Y.Z`, or undefined for anything else, a pre-release included. */
export function parseVersion(text: string): Version | undefined {
  const parts = RELEASE.exec(text);
  if (parts === null) return undefined;
  return { major: Number(parts[1]), minor: Number(parts[2]), patch: Number(parts[3]) };
}

/**
 * The parts of `X.Y.Z`.
 *
 * @throws ImmuconfigError `ERR_VALUE` for anything else.
 */
export function requireVersion(text: string): Version {
  const version = parseVersion(text);
  if (version !== undefined) return version;
  throw valueError(`"${text}" is not a released version`, "Give three numbers, such as 1.4.5.");
}

/** Below zero when `a` is older than `b`, zero when they are the same, above zero otherwise. */
export function compareVersions(a: string, b: string): number {
  const left = requireVersion(a);
  const right = requireVersion(b);
  return left.major - right.major || left.minor - right.minor || left.patch - right.patch;
}
