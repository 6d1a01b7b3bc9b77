/**
 * What a flag gives besides on and off: values of one type, and who gets which. Part of a server that is
 * built with PREMIUM_TYPES; no other holds any of it. Pure.
 */

import { type File, isRetired } from "../../format/file.ts";
import type { DecidedChange } from "./change.ts";
import { environmentAt, type Place, requireThawed } from "./decide.ts";
import { FRACTIONAL, type Share, WEIGHT_MAX } from "./fractional.ts";
import { Refusal } from "./refusal.ts";
import type { Environment, State } from "./state.ts";
import { requireOnePerson } from "./switch.ts";

export const VALUE_TYPES = ["boolean", "string", "number", "object"] as const;
type ValueType = (typeof VALUE_TYPES)[number];
export type Value = boolean | string | number | { readonly [name: string]: unknown };

interface Variant {
  readonly name: string;
  readonly value: Value;
}

export interface VariantsWish {
  readonly flag: string;
  readonly type: ValueType;
  readonly variants: readonly Variant[];
  /** The variant while the flag is off. */
  readonly off: string;
  /** Who gets which while it is on. */
  readonly rollout: readonly Share[];
  readonly reason: string;
}

interface InEnvironment {
  readonly project: string;
  readonly environment: string;
}

interface VariantsSet extends InEnvironment, VariantsWish {
  readonly kind: "variants.set";
  readonly hash: typeof FRACTIONAL;
}

interface VariantsCleared extends InEnvironment {
  readonly kind: "variants.cleared";
  readonly flag: string;
  readonly reason: string;
}

export type VariantsChange = VariantsSet | VariantsCleared;

/** As the state has them. */
export type FlagVariants = Omit<VariantsWish, "flag"> & { readonly hash: typeof FRACTIONAL };

export const VARIANT_COUNT_MAX = 32;
/** Characters of a variant's value as JSON. */
const VALUE_SIZE_MAX = 4096;
/** Levels of lists and objects in it. */
const VALUE_DEPTH_MAX = 16;
/** Flags of an environment that may have variants. */
const FLAG_COUNT_MAX = 256;

/** @param file the environment's newest record */
export function setVariants(
  state: State,
  place: Place,
  version: number,
  file: File,
  wish: VariantsWish,
): DecidedChange {
  const environment = environmentAt(state, place, version);
  requireThawed(environment);
  requireOnePerson(environment);
  const { flag } = wish;
  if (!file.flags.some(({ name }) => name === flag)) {
    throw new Refusal("unprocessable", `the record defines no flag ${flag}`);
  }
  if (isRetired(file, flag)) throw new Refusal("unprocessable", `flag ${flag} is retired`);
  checkVariants(wish);
  checkRollout(wish);
  const { variants = new Map<string, FlagVariants>() } = environment;
  if (!variants.has(flag) && variants.size >= FLAG_COUNT_MAX) {
    throw new Refusal(
      "unprocessable",
      `at most ${FLAG_COUNT_MAX} flags of an environment have variants`,
    );
  }
  return { change: { kind: "variants.set", ...place, ...wish, hash: FRACTIONAL } };
}

export function clearVariants(
  state: State,
  place: Place,
  version: number,
  flag: string,
  reason: string,
): DecidedChange {
  const environment = environmentAt(state, place, version);
  requireThawed(environment);
  requireOnePerson(environment);
  if (environment.variants?.has(flag) !== true) {
    throw new Refusal("not-found", `flag ${flag} has no variants here`);
  }
  return { change: { kind: "variants.cleared", ...place, flag, reason } };
}

function checkVariants({ type, variants }: VariantsWish): void {
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

function checkRollout({ variants, off, rollout }: VariantsWish): void {
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

/** The environment's variants after a change of them. */
export function applyVariants(
  { variants: before }: Environment,
  change: VariantsChange,
): ReadonlyMap<string, FlagVariants> {
  const variants = new Map(before);
  if (change.kind === "variants.cleared") variants.delete(change.flag);
  else {
    const { type, variants: list, off, rollout, reason, hash } = change;
    variants.set(change.flag, { type, variants: list, off, rollout, reason, hash });
  }
  return variants;
}
