/**
 * What a control plane answers, and whether it did. Whatever stands at an address may answer: nothing is read
 * of what has another shape, and no text of it breaks a line of the terminal that shows it.
 */

import { isObject } from "../base/json.ts";
import type { SwitchOrder } from "../base/order_words.ts";
import type { WavePlan } from "../base/shares.ts";
import { printable } from "../base/text.ts";
import type { ValuesLook, ValuesOrder } from "../base/values_words.ts";
import type { FleetView } from "./fleet_view.ts";

export interface PlaneOverride {
  readonly flag: string;
  readonly enabled: boolean;
  /** Milliseconds since 1970; null for one without an end. */
  readonly until: number | null;
  readonly reason: string;
  /** How it reaches the hosts; null where it reached all at once. */
  readonly rollout: PlaneRollout | null;
}

export interface PlaneRollout extends WavePlan {
  /** The wave that has come last: an index of `shares`. */
  readonly step: number;
  readonly halted: { readonly reason: string } | null;
}

export interface PlaneFlag {
  readonly name: string;
  readonly enabled: boolean;
  readonly recorded: boolean;
  readonly override: PlaneOverride | null;
}

export interface PlaneEnvironment {
  /** What a change is made to. */
  readonly version: number;
  readonly record: { readonly generation: number; readonly digest: string } | null;
  readonly flags: readonly PlaneFlag[];
  readonly requests: readonly PlaneRequest[];
}

/** What waits for somebody who approves it. */
export interface PlaneRequest {
  readonly request: number;
  readonly action: SwitchOrder | ValuesOrder;
  /** When it is to be done, in milliseconds since 1970; null as soon as it is approved. */
  readonly at: number | null;
  readonly by: string;
  readonly time: number;
  readonly reason: string;
  readonly own: boolean;
  /** Of a change of values. */
  readonly values?: ValuesLook;
}

/** Lists and objects that stand in one another. */
const DEPTH_MAX = 32;
/** How far the builds of a ledger are. */
export interface PlaneLedgerRun {
  /** Its name, which stands in a path. */
  readonly ledger: string;
  readonly state: (typeof RUN_STATES)[number];
  readonly built: number;
  readonly problem: string | null;
}

const RUN_STATES = ["running", "done", "failed", "cancelled"] as const;

/** Milliseconds since 1970, of the last day that there is. */
const TIME_MAX = 8.64e15;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isSwitch: Check = (value) => typeof value === "boolean";
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isTime: Check = (value) => isCount(value) && Number(value) <= TIME_MAX;

function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

function orAbsent(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every((item) => check(item));
}

/** What else it has is nobody's business here. */
function shape(members: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(members);
  return (value) => isObject(value) && checks.every(([name, check]) => check(value[name]));
}

function groups(check: Check): Check {
  return listOf(shape({ value: orNull(check), hosts: isCount }));
}

function answerOf<Answer>(members: Readonly<Record<keyof Answer, Check>>) {
  const check = shape(members);
  return (value: unknown): value is Answer => check(value);
}

const RECORD = { generation: isCount, digest: isText };
const PLAN = { shares: listOf(isCount), everyMs: isCount, haltIf: orNull(isText) };
const SWITCH = { flag: isText, enabled: isSwitch, until: orNull(isTime) };

const ACTIONS: Readonly<Record<(SwitchOrder | ValuesOrder)["kind"], Check>> = {
  switch: shape(SWITCH),
  roll_out: shape({ ...SWITCH, ...PLAN }),
  resume: shape({ flag: isText }),
  give_back: shape({ flag: isText }),
  end_two_persons: shape({}),
  set_variants: shape({ flag: isText }),
  clear_variants: shape({ flag: isText }),
};

const isAction: Check = (value) => {
  const kind = isObject(value) ? value["kind"] : undefined;
  return Object.entries(ACTIONS).some(([name, check]) => name === kind && check(value));
};

export const isEnvironment = answerOf<PlaneEnvironment>({
  version: isCount,
  record: orNull(shape(RECORD)),
  flags: listOf(
    shape({
      name: isText,
      enabled: isSwitch,
      recorded: isSwitch,
      override: orNull(
        shape({
          ...SWITCH,
          reason: isText,
          rollout: orNull(
            shape({ ...PLAN, step: isCount, halted: orNull(shape({ reason: isText })) }),
          ),
        }),
      ),
    }),
  ),
  requests: listOf(
    shape({
      request: isCount,
      action: isAction,
      at: orNull(isTime),
      by: isText,
      time: isTime,
      reason: isText,
      own: isSwitch,
      values: orAbsent(shape({ stale: isSwitch, difference: listOf(shape({ what: isText })) })),
    }),
  ),
});

export const isFleet = answerOf<FleetView>({
  sequence: isCount,
  changed: orNull(isTime),
  counts: shape({
    hosts: isCount,
    current: isCount,
    behind: isCount,
    silent: isCount,
    refusing: isCount,
  }),
  sequences: groups(isCount),
  generations: groups(isCount),
  versions: groups(isText),
  curve: listOf(shape({ ms: isCount, hosts: isCount })),
  hosts: listOf(
    shape({
      host: isText,
      version: orNull(isText),
      generation: orNull(isCount),
      sequence: orNull(isCount),
      refused: listOf(isText),
      problem: orNull(isText),
      seen: isTime,
      silent: isSwitch,
    }),
  ),
});

export const isOpened = answerOf<Pick<PlaneRequest, "request">>({ request: isCount });
/** That a record is there now. */
export const isPushed = answerOf<NonNullable<PlaneEnvironment["record"]>>(RECORD);
export const isLedgerRun = answerOf<PlaneLedgerRun>({
  ledger: (value) => typeof value === "string" && /^[\da-f-]{1,64}$/.test(value),
  state: (value) => RUN_STATES.some((one) => one === value),
  built: isCount,
  problem: orNull(isText),
});
/** Of the audit log: who checks the chain looks at each row. */
export const isRows = answerOf<{ readonly rows: readonly unknown[] }>({
  rows: listOf(() => true),
});

/** A value of JSON with texts that can be printed, each in one line; nothing for what is too deep. */
export function inLines(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) return undefined;
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map((item) => inLines(item, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [printable(name), inLines(item, depth + 1)]),
  );
}
