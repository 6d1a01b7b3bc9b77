/** How an option of `bun build` is described, and how its value is read. */

import { type OptionSpec, usageError } from "../../args/arguments.ts";
import type { BuildPlan } from "./build_plan.ts";

export interface BuildOption extends OptionSpec {
  /** @param values one for each time the option was given; none for a boolean */
  readonly apply: (plan: BuildPlan, values: readonly string[]) => void;
}

export function flag(summary: string, apply: (plan: BuildPlan) => void): BuildOption {
  return { type: "boolean", summary, apply };
}

export function text(
  value: string,
  summary: string,
  apply: (plan: BuildPlan, value: string) => void,
): BuildOption {
  return {
    type: "string",
    value,
    summary,
    apply: (plan, values) => apply(plan, values[values.length - 1] ?? ""),
  };
}

export function list(
  value: string,
  summary: string,
  apply: (plan: BuildPlan, values: readonly string[]) => void,
  short?: string,
): BuildOption {
  const named = short === undefined ? {} : { short };
  return { type: "string", multiple: true, value, summary, apply, ...named };
}

/** @throws ImmuconfigError `ERR_USAGE` for a value that is not among those allowed */
export function oneOf<const Value extends string>(
  option: string,
  value: string,
  allowed: readonly Value[],
): Value {
  if (isOneOf(value, allowed)) return value;
  throw usageError(`--${option} ${value}: expected one of ${allowed.join(", ")}`);
}

function isOneOf<Value extends string>(
  value: string,
  allowed: readonly (string & Value)[],
): value is Value {
  const texts: readonly string[] = allowed;
  return texts.includes(value);
}
