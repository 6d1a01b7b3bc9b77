/** What a program's end is to the shell that started it. */

import { constants } from "node:os";

/** Added to the number of the signal that ended a program, as shells do. */
const SIGNAL_BASE = 128;

export interface Ended {
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | number | null;
}

/** @param child that has ended */
export function exitCodeOf({ exitCode, signalCode }: Ended): number {
  if (signalCode === null) return exitCode ?? 0;
  return (
    SIGNAL_BASE + (typeof signalCode === "number" ? signalCode : constants.signals[signalCode])
  );
}
