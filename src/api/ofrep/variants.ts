/** What a flag with variants gives to whom. Part of a server that is built with PREMIUM_TYPES. Pure. */

import { fractional } from "../domain/fractional.ts";
import type { FlagVariants } from "../domain/variants.ts";
import type { Context, Evaluation, Failure } from "./evaluate.ts";

export function evaluateVariants(
  flag: string,
  { variants, off, rollout }: FlagVariants,
  enabled: boolean,
  context: Context,
): Evaluation | Failure {
  const give = (name: string, reason: Evaluation["reason"]): Evaluation => {
    const variant = variants.find((one) => one.name === name);
    if (variant === undefined) throw new Error(`flag ${flag} has no variant ${name}`);
    return { value: variant.value, reason, variant: name };
  };
  if (!enabled) return give(off, "DISABLED");
  const given = rollout.filter(({ weight }) => weight > 0);
  const [only] = given;
  if (only !== undefined && given.length === 1) return give(only.variant, "STATIC");
  const { targetingKey } = context;
  if (typeof targetingKey !== "string" || targetingKey === "") {
    const errorDetails = `flag ${flag} is rolled out by targetingKey, and there is none`;
    return { errorCode: "TARGETING_KEY_MISSING", errorDetails };
  }
  return give(fractional(flag + targetingKey, rollout), "SPLIT");
}
