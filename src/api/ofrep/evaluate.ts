/** OFREP's words for a flag (OpenFeature Remote Evaluation Protocol 0.3.0). Pure. */

import { canonicalJson } from "../../base/json.ts";
import type { FlagState } from "../domain/flags.ts";

export interface Evaluation {
  readonly key: string;
  readonly value: boolean;
  readonly reason: "STATIC";
  readonly variant: "on" | "off";
  readonly metadata: { readonly source: "record" | "override" };
}

export type Context = Readonly<{ [name: string]: unknown }>;

/** Every flag has one value for everybody, so the reason is always STATIC. */
export function evaluate({ name, enabled, override }: FlagState): Evaluation {
  return {
    key: name,
    value: enabled,
    reason: "STATIC",
    variant: enabled ? "on" : "off",
    metadata: { source: override === null ? "record" : "override" },
  };
}

/** Flags that can be asked for: a retired one is as if it were not there. */
export function evaluable(flags: readonly FlagState[]): FlagState[] {
  return flags.filter(({ retired }) => !retired);
}

/**
 * The entity tag of a bulk answer. It covers the context, because clients keep a tag when only an
 * attribute of theirs changes.
 */
export function bulkTag(body: string, context: Context): string {
  const hasher = new Bun.CryptoHasher("sha256").update(body).update("\0");
  return `"${hasher.update(canonicalJson(context)).digest("base64url").slice(0, 22)}"`;
}

/** @returns the context, or the error that OFREP has for the body */
export function readContext(
  body: unknown,
): { readonly context: Context } | { readonly errorCode: "PARSE_ERROR" | "INVALID_CONTEXT" } {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { errorCode: "PARSE_ERROR" };
  }
  const context = "context" in body ? body.context : {};
  if (typeof context !== "object" || context === null || Array.isArray(context)) {
    return { errorCode: "INVALID_CONTEXT" };
  }
  const { targetingKey } = context as { targetingKey?: unknown };
  if (targetingKey !== undefined && typeof targetingKey !== "string") {
    return { errorCode: "INVALID_CONTEXT" };
  }
  return { context: context as Context };
}
