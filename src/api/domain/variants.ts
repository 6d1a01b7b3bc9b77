/**
 * What a flag gives besides on and off: values of one type, and who gets which. Part of a server that is
 * built with PREMIUM_TYPES; no other holds any of it. Pure.
 */

import type { ValueType } from "../../base/values_words.ts";
import type { File } from "../../format/file.ts";
import type { Action } from "./change.ts";
import { requireFlag } from "./decide.ts";
import type { Folds } from "./fold.ts";
import { inEnvironment, without } from "./fold_environment.ts";
import { FRACTIONAL, type Share, WEIGHT_MAX } from "./fractional.ts";
import type { Place } from "./places.ts";
import { Refusal } from "./refusal.ts";
import type { Environment } from "./state.ts";

export type Value = boolean | string | number | { readonly [name: string]: unknown };

interface Variant {
  readonly name: string;
  readonly value: Value;
}

/** What a flag gives, and to whom. */
export interface Values {
  readonly type: ValueType;
  readonly variants: readonly Variant[];
  /** The variant while the flag is off. */
  readonly off: string;
  /** Who gets which while it is on. */
  readonly rollout: readonly Share[];
}

/** For which values of the flag it is: the row that set them, null for none; absent for the present ones. */
interface Against {
  readonly against?: number | null | undefined;
}

/** A change of values that can be asked for, and done later. */
export type ValuesAction =
  | (Values & Against & { readonly kind: "set_variants"; readonly flag: string })
  | (Against & { readonly kind: "clear_variants"; readonly flag: string });

interface VariantsSet extends Place, Values {
  readonly kind: "variants.set";
  readonly flag: string;
  readonly reason: string;
  readonly hash: typeof FRACTIONAL;
}

interface VariantsCleared extends Place {
  readonly kind: "variants.cleared";
  readonly flag: string;
  readonly reason: string;
}

export type VariantsChange = VariantsSet | VariantsCleared;

/** As the state has them. */
export interface FlagVariants extends Values {
  readonly hash: typeof FRACTIONAL;
  readonly reason: string;
  /** Of the audit log, which set them. */
  readonly row: number;
}

export const VARIANT_COUNT_MAX = 32;
/** Characters of a variant's value as JSON. */
const VALUE_SIZE_MAX = 4096;
/** Levels of lists and objects in it. */
const VALUE_DEPTH_MAX = 16;
/** Flags of an environment that may have variants. */
const FLAG_COUNT_MAX = 256;
/** Changes of values that wait in an environment's requests and plans. */
const WAITING_COUNT_MAX = 16;
/** Characters of JSON of all values that wait in an environment's requests and plans. */
const WAITING_SIZE_MAX = 262_144;

export function isValuesAction(action: Action): action is ValuesAction {
  return action.kind === "set_variants" || action.kind === "clear_variants";
}

/** @param file the environment's newest record */
export function changeOfValues(
  environment: Environment,
  place: Place,
  file: File | undefined,
  action: ValuesAction,
  reason: string,
): VariantsChange {
  const { flag } = action;
  const { variants = new Map<string, FlagVariants>() } = environment;
  requirePresent(environment, action);
  if (action.kind === "clear_variants") {
    if (!variants.has(flag)) throw new Refusal("not-found", `flag ${flag} has no variants here`);
    return { kind: "variants.cleared", ...place, flag, reason };
  }
  requireFlag(file, flag);
  checkVariants(action);
  checkRollout(action);
  if (!variants.has(flag) && variants.size >= FLAG_COUNT_MAX) {
    throw new Refusal(
      "unprocessable",
      `at most ${FLAG_COUNT_MAX} flags of an environment have variants`,
    );
  }
  const { type, variants: list, off, rollout } = action;
  return {
    kind: "variants.set",
    ...place,
    flag,
    type,
    variants: list,
    off,
    rollout,
    reason,
    hash: FRACTIONAL,
  };
}

/** What was approved was a difference: it is not made to values that nobody had seen by then. */
function requirePresent(environment: Environment, action: ValuesAction): void {
  if (!isStale(environment, action)) return;
  throw new Refusal(
    "stale",
    `the values of ${action.flag} have changed since this was asked for: look at them, and ask for it again`,
  );
}

/** @throws Refusal `unprocessable` when more would wait than everybody who looks should be sent */
export function checkWaiting({ requests, schedules }: Environment, action: ValuesAction): void {
  const all = [...requests.values(), ...schedules.values()].map((one) => one.action);
  const waiting = all.filter(isValuesAction);
  if (waiting.length >= WAITING_COUNT_MAX) {
    throw new Refusal(
      "unprocessable",
      `at most ${WAITING_COUNT_MAX} changes of values wait for approval or their time: take one back first`,
    );
  }
  const size = [action, ...waiting].reduce((sum, one) => sum + JSON.stringify(one).length, 0);
  if (size <= WAITING_SIZE_MAX) return;
  throw new Refusal(
    "unprocessable",
    `the values that wait for approval or their time would be ${size} characters long, over ${WAITING_SIZE_MAX}`,
  );
}

/** For the values that the flag has now, where it does not say for which. */
export function toPresentValues(environment: Environment, action: ValuesAction): ValuesAction {
  const { against = rowOf(environment, action.flag) } = action;
  return { ...action, against };
}

/** Whether it is for other values than the flag has now. */
export function isStale(environment: Environment, { flag, against }: ValuesAction): boolean {
  return against !== undefined && against !== rowOf(environment, flag);
}

/** The row that set the values of a flag; null where it has none. */
function rowOf({ variants }: Environment, flag: string): number | null {
  return variants?.get(flag)?.row ?? null;
}

function checkVariants({ type, variants }: Values): void {
  const seen = new Set<string>();
  for (const { name, value } of variants) {
    if (seen.has(name)) throw new Refusal("unprocessable", `there are two variants ${name}`);
    seen.add(name);
    if (typeof value !== type) {
      throw new Refusal("unprocessable", `the value of variant ${name} is no ${type}`);
    }
    if (isDeeper(value, VALUE_DEPTH_MAX)) {
      throw new Refusal(
        "unprocessable",
        `the value of variant ${name} nests more than ${VALUE_DEPTH_MAX} levels`,
      );
    }
    if (JSON.stringify(value).length > VALUE_SIZE_MAX) {
      throw new Refusal(
        "unprocessable",
        `the value of variant ${name} is longer than ${VALUE_SIZE_MAX} characters`,
      );
    }
  }
}

/** Whether lists and objects stand in one another more than `levels` deep. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function checkRollout({ variants, off, rollout }: Values): void {
  for (const name of [off, ...rollout.map(({ variant }) => variant)]) {
    if (!variants.some((variant) => variant.name === name)) {
      throw new Refusal("unprocessable", `there is no variant ${name} to be given`);
    }
  }
  const sum = rollout.reduce((total, { weight }) => total + weight, 0);
  if (sum < 1 || sum > WEIGHT_MAX) {
    throw new Refusal("unprocessable", `the weights add up to ${sum}, not to 1 to ${WEIGHT_MAX}`);
  }
}

export const VARIANT_FOLDS: Folds<VariantsChange["kind"]> = {
  "variants.set": (state, { type, variants: list, off, rollout, reason, hash, ...change }, row) =>
    inEnvironment(state, change, row, ({ variants, ...rest }) => {
      const kept = { type, variants: list, off, rollout, reason, hash, row: row.sequence };
      return { ...rest, variants: new Map(variants).set(change.flag, kept) };
    }),
  "variants.cleared": (state, change, row) =>
    inEnvironment(state, change, row, ({ variants = new Map<string, FlagVariants>(), ...rest }) => {
      return { ...rest, variants: without(variants, change.flag) };
    }),
};
