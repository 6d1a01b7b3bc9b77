/** Budgets of flags: `CHECKOUT=10kB`. Pure. */

import { noSuchFlag } from "../../../format/flags.ts";
import { valueError } from "../../../base/errors.ts";
import { quote } from "../../../base/text.ts";
import type { Ledger } from "./make_ledger.ts";

export interface Budget {
  readonly name: string;
  /** Raw bytes. */
  readonly bytes: number;
}

export interface BudgetExcess extends Budget {
  /** Raw bytes that the flag adds. */
  readonly actual: number;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1_000,
  kib: 1_024,
  mb: 1_000_000,
  mib: 1_048_576,
};

/**
 * @param text `NAME=SIZE`; a size is a number with B, kB, KiB, MB or MiB behind it
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function parseBudget(text: string): Budget {
  const match = /^([A-Za-z][A-Za-z0-9_.-]*)=(\d{1,9}(?:\.\d{1,3})?) ?([A-Za-z]*)$/.exec(text);
  const unit = UNITS[(match?.[3] ?? "?").toLowerCase()];
  if (match === null || unit === undefined) {
    throw valueError(`${quote(text)} is not a budget`, "A budget looks like DEBUG=10kB.");
  }
  return { name: match[1] ?? "", bytes: Math.floor(Number(match[2]) * unit) };
}

/**
 * The budgets that a ledger breaks.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND` for a flag that is not in the ledger
 */
export function brokenBudgets(budgets: readonly Budget[], { flags }: Ledger): BudgetExcess[] {
  return budgets.flatMap((budget) => {
    const entry = flags.find(({ name }) => name === budget.name);
    if (entry === undefined) {
      const names = flags.map(({ name }) => name);
      throw noSuchFlag(budget.name, names);
    }
    const actual = entry.removes.raw;
    return actual > budget.bytes ? [{ ...budget, actual }] : [];
  });
}
