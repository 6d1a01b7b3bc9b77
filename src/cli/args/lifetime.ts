import { quote } from "../../base/text.ts";
import { usageError } from "./arguments.ts";

const UNIT_MS: Readonly<{ [unit: string]: number }> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * How long something lasts.
 *
 * @param text `30s`, `10m`, `2h`, `7d`
 * @returns milliseconds
 * @throws ImmuconfigError `ERR_USAGE`
 */
export function parseLifetime(text: string): number {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (count !== undefined && unitMs !== undefined) return Number(count) * unitMs;
  throw usageError(`${quote(text)} is not a time`, "Give 30s, 10m, 2h or 7d.");
}
