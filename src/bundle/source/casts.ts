/** What stands around an expression and means nothing to the running program. */

import type { Node } from "@oxc-project/types";

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
