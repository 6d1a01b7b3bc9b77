/** What nodes of a syntax tree say, whatever is asked of them. Pure. */

import type { Node, Program } from "@oxc-project/types";
import { ScopeTracker, walk } from "oxc-walker";

type Cast = Extract<
  Node,
  {
    type:
      | "TSAsExpression"
      | "TSNonNullExpression"
      | "TSSatisfiesExpression"
      | "TSTypeAssertion"
      | "TSInstantiationExpression";
  }
>;

const CASTS: ReadonlySet<string> = new Set<Cast["type"]>([
  "TSAsExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
]);

/** Whether a node is there for TypeScript only. */
export function isCast(node: Node | undefined): node is Cast {
  return node !== undefined && CASTS.has(node.type);
}

/** A node without the casts and the parentheses around it. */
export function unwrapped(node: Node): Node {
  const isWrapper = isCast(node) || node.type === "ParenthesizedExpression";
  return isWrapper ? unwrapped(node.expression) : node;
}

/** What an identifier or a literal says: `a` and `"a"` name the same export, or member. */
export function nameOf(node: {
  readonly type: string;
  readonly name?: unknown;
  readonly value?: unknown;
}): string {
  return String(node.name ?? node.value);
}

/** The text of a literal that is one. */
export function stringOf(node: Node | null | undefined): string | undefined {
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

/** What is declared where, for a second walk. */
export function scopesOf(program: Program): ScopeTracker {
  const scopes = new ScopeTracker({ preserveExitedScopes: true });
  walk(program, { scopeTracker: scopes });
  scopes.freeze();
  return scopes;
}
