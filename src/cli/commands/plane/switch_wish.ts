/** How a flag is to be switched, from the words of a command line. Pure. */

import type { SwitchOrder } from "../../../base/order_words.ts";
import { parseShares, type WavePlan } from "../../../base/shares.ts";
import { type CommandArguments, type OptionSpec, usageError } from "../../args/arguments.ts";
import { parseLifetime } from "../../args/lifetime.ts";

export const SWITCH_OPTIONS = {
  for: { value: "TIME", summary: "end it by itself: 30s, 10m, 2h, 7d" },
  wave: { value: "SHARES", summary: "reach the hosts in waves: 1%,10%,50%,100%" },
  every: { value: "TIME", summary: "between two waves: 30s, 10m, 2h" },
  "halt-if": {
    value: "URL",
    summary: "the server asks it before each wave, and halts where it does not answer 2xx",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export const SWITCH_USAGE =
  "set NAME on|off --reason TEXT [--for TIME] [--wave SHARES --every TIME [--halt-if URL]]";

export interface SwitchWish {
  readonly enabled: boolean;
  /** Milliseconds; nothing for ever. */
  readonly forMs: number | undefined;
  /** Nothing for all hosts at once. */
  readonly rollout: WavePlan | undefined;
}

/**
 * @param state as it is written: on or off
 * @throws ImmuconfigError `ERR_USAGE`, `ERR_VALUE`
 */
export function parseSwitch(args: CommandArguments, state: string | undefined): SwitchWish {
  if (state !== "on" && state !== "off") throw usageError("expected NAME on|off");
  const lifetime = args.value("for");
  const forMs = lifetime === undefined ? undefined : parseLifetime(lifetime);
  return { enabled: state === "on", forMs, rollout: parseRollout(args) };
}

/**
 * The wish as somebody is asked for it.
 *
 * @param start when it is done, in milliseconds since 1970
 */
export function switchOrder(
  flag: string,
  { enabled, forMs, rollout }: SwitchWish,
  start: number,
): SwitchOrder {
  const order = { flag, enabled, until: forMs === undefined ? null : start + forMs };
  return rollout === undefined
    ? { kind: "switch", ...order }
    : { kind: "roll_out", ...order, ...rollout };
}

function parseRollout(args: CommandArguments): WavePlan | undefined {
  const waves = args.value("wave");
  const every = args.value("every");
  const haltIf = args.value("halt-if") ?? null;
  if (waves === undefined) {
    if (every === undefined && haltIf === null) return undefined;
    throw usageError("there are no waves", "Give --wave 1%,10%,50%,100%, too.");
  }
  if (every === undefined) throw usageError("there is no pause", "Give --every 10m, too.");
  return { shares: parseShares(waves), everyMs: parseLifetime(every), haltIf };
}
