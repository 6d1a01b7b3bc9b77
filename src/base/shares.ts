/** Shares of hosts: percents for people, hundredths of a percent in between. */

import { quote } from "./text.ts";
import { valueError } from "./errors.ts";

/** All hosts, in hundredths of a percent. */
export const WHOLE_SHARE = 10_000;

/** How a switch is to reach the hosts. */
export interface WavePlan {
  /** Of the hosts after each wave, in hundredths of a percent, ascending. */
  readonly shares: readonly number[];
  /** Milliseconds between two waves. */
  readonly everyMs: number;
  /** An address, asked before each wave but the first: what is no success halts. */
  readonly haltIf: string | null;
}

/**
 * The shares of a rollout in waves.
 *
 * @param text `1%,10%,50%,100%`
 * @returns hundredths of a percent, ascending
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function parseShares(text: string): number[] {
  const shares = text.split(",").map(parseShare);
  if (shares.every((share, index) => index === 0 || share > (shares[index - 1] ?? 0)))
    return shares;
  throw valueError(
    `the waves ${text} do not ascend`,
    "Each must reach more hosts than the one before it: 1%,10%,50%,100%.",
  );
}

function parseShare(text: string): number {
  const [, whole, part = ""] = /^(\d{1,3})(?:\.(\d{1,2}))? ?%$/.exec(text.trim()) ?? [];
  const share = Number(whole) * 100 + Number(part.padEnd(2, "0"));
  if (share >= 1 && share <= WHOLE_SHARE) return share;
  throw valueError(
    `${quote(text)} is not a share of hosts`,
    "Give percents, from 0.01% to 100%: 1%,10%,50%,100%.",
  );
}

/** @param share hundredths of a percent */
export function shareText(share: number): string {
  return `${share / 100} %`;
}
