/** OFREP's words for a flag (OpenFeature Remote Evaluation Protocol 0.3.0). Pure. */

import { feature } from "bun:bundle";
import { isObject } from "../../base/json.ts";
import type { FlagState } from "../domain/flags.ts";
import { stateForAll } from "../domain/waves.ts";
import type { Environment } from "../domain/state.ts";
import type { Value } from "../domain/variants.ts";
import { evaluateVariants } from "./variants.ts";

/** What a flag comes to. */
export interface Evaluation {
  readonly value: Value;
  readonly reason: "STATIC" | "SPLIT" | "DISABLED";
  readonly variant: string;
}

/** Why there is no value. */
export interface Failure {
  readonly errorCode: "PARSE_ERROR" | "TARGETING_KEY_MISSING" | "INVALID_CONTEXT";
  readonly errorDetails: string;
}

export interface FlagAnswer {
  readonly key: string;
  readonly metadata: { readonly source: "record" | "override" };
}

export type Context = Readonly<{ [name: string]: unknown }>;

export function evaluate(
  { name: key, enabled, override }: FlagState,
  environment: Environment,
  context: Context,
): FlagAnswer & (Evaluation | Failure) {
  const isRecord = override === null || stateForAll(override) === null;
  const metadata = { source: isRecord ? "record" : "override" } as const;
  if (feature("PREMIUM_TYPES")) {
    const variants = environment.variants?.get(key);
    if (variants !== undefined) {
      return { key, ...evaluateVariants(key, variants, enabled, context), metadata };
    }
  }
  // It has one value for everybody.
  return { key, value: enabled, reason: "STATIC", variant: enabled ? "on" : "off", metadata };
}

/** Flags that can be asked for: a retired one is as if it were not there. */
export function evaluable(flags: readonly FlagState[]): FlagState[] {
  return flags.filter(({ retired }) => !retired);
}

/** Whether a flag may give one caller another value than the next. */
export function dependsOnContext({ name }: FlagState, { variants }: Environment): boolean {
  return feature("PREMIUM_TYPES") ? variants?.has(name) === true : false;
}

/**
 * The context of a request's body. One without a targeting key is taken, as the official clients send
 * it; a flag that needs the key says so.
 */
export function readContext(
  text: string,
): { readonly context: Context } | { readonly failure: Failure } {
  const wrong = (errorCode: Failure["errorCode"], errorDetails: string) => ({
    failure: { errorCode, errorDetails },
  });
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return wrong("PARSE_ERROR", "the body is no JSON");
  }
  if (!isObject(body)) return wrong("PARSE_ERROR", "the body is no object");
  const context = Object.hasOwn(body, "context") ? body["context"] : {};
  if (!isObject(context)) return wrong("INVALID_CONTEXT", "the context is no object");
  const { targetingKey } = context;
  if (targetingKey !== undefined && typeof targetingKey !== "string") {
    return wrong("INVALID_CONTEXT", "targetingKey is no string");
  }
  return { context };
}
