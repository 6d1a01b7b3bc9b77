/** The one grammar of a version, and the lowest Bun that may run a project. */

import { bunTooOld } from "./bun_version.ts";
import { valueError } from "./errors.ts";
import { VERSION_PART_DIGITS_MAX } from "./limits.ts";

/** Docs/format.md, `bun.minimum`, has the same. */
const RELEASE = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** A released version. Pre-releases and build numbers are neither recorded nor installed. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The parts of `X.Y.Z`, or undefined for anything else, a pre-release included. */
export function parseVersion(text: string): Version | undefined {
  const parts = RELEASE.exec(text)?.slice(1);
  if (parts?.every((part) => part.length <= VERSION_PART_DIGITS_MAX) !== true) return undefined;
  const [major, minor, patch] = parts.map(Number);
  return { major: major ?? 0, minor: minor ?? 0, patch: patch ?? 0 };
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

/**
 * @param version of a Bun, a pre-release too
 * @param minimum the record's `bun.minimum`, where it has one
 */
export function isBelowMinimum(version: string, minimum: string | undefined): boolean {
  if (minimum === undefined) return false;
  const [release = "", isPre] = version.split(/([-+].*)/s, 2);
  const order = compareVersions(release, minimum);
  return order < 0 || (order === 0 && isPre?.startsWith("-") === true);
}

/**
 * @param version of the Bun that is to run the project, a pre-release too; undefined for none
 * @param minimum the record's `bun.minimum`, where it has one
 * @param hint what to do about it
 * @throws ImmuconfigError `ERR_BUN_VERSION` below the record's minimum
 */
export function requireMinimumBun(
  version: string | undefined,
  minimum: string | undefined,
  hint = "Upgrade Bun, or lower the bound with `bun-config set bun.minimum`.",
): void {
  if (version === undefined || minimum === undefined || !isBelowMinimum(version, minimum)) return;
  throw bunTooOld(version, minimum, "may run this project", hint);
}
