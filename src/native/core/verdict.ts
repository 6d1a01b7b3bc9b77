/** Verdicts across the language border. */

import type { FaultName, Verdict } from "./core.ts";
import { FAULT, VERDICT } from "../abi.ts";

const FAULT_NAMES = new Map<number, FaultName>(
  Object.entries(FAULT).map(([name, code]) => [code, name as FaultName]),
);

/** Whole words of a `Verdict` struct. */
export const VERDICT_WORDS = VERDICT.SIZE / 4;

/** Reads a `Verdict` struct from the words at `index`. */
export function readVerdict(words: Uint32Array, index = 0): Verdict {
  const fault = faultName(words[index + VERDICT.fault / 4] ?? 0);
  const offset = words[index + VERDICT.offset / 4] ?? 0;
  return { fault, offset, signed: words[index + VERDICT.signed / 4] === 1 };
}

export function faultName(code: number): FaultName {
  const name = FAULT_NAMES.get(code);
  if (name === undefined) throw new Error(`the native core returned the unknown fault ${code}`);
  return name;
}
