/** What a condition is worth when some flags are known. Pure. */

import type { Node } from "@oxc-project/types";
import { unwrapped } from "./syntax.ts";

/** undefined: only the running program knows. */
export type Truth = boolean | undefined;

/** The truth of a `feature()` call or a `Bun.config.features` read; undefined for other nodes. */
export type FlagTruth = (node: Node) => Truth;

/**
 * The truth of an expression as a condition. Parts that the program must still run (`f() && false`)
 * do not make it unknown.
 */
export function evaluate(node: Node, flagTruth: FlagTruth): Truth {
  const known = flagTruth(node);
  if (known !== undefined) return known;
  switch (node.type) {
    case "Literal":
      return typeof node.value === "boolean" ? node.value : undefined;
    case "UnaryExpression":
      return node.operator === "!" ? not(evaluate(node.argument, flagTruth)) : undefined;
    case "LogicalExpression": {
      const { operator, left, right } = node;
      // Whether a value is null is more than its truth.
      const first = operator === "??" ? exact(left, flagTruth) : evaluate(left, flagTruth);
      return logical(operator, first, () => evaluate(right, flagTruth));
    }
    case "BinaryExpression":
      return equality(node.operator, exact(node.left, flagTruth), exact(node.right, flagTruth));
    case "ConditionalExpression": {
      const test = evaluate(node.test, flagTruth);
      if (test === undefined) return undefined;
      return evaluate(test ? node.consequent : node.alternate, flagTruth);
    }
    default: {
      const inner = unwrapped(node);
      return inner === node ? undefined : evaluate(inner, flagTruth);
    }
  }
}

function logical(operator: "&&" | "||" | "??", left: Truth, right: () => Truth): Truth {
  switch (operator) {
    case "&&":
      return left === false || right() === false ? false : left === true ? right() : undefined;
    case "||":
      return left === true || right() === true ? true : left === false ? right() : undefined;
    default:
      // A boolean is never null. An unknown left side may be.
      return left;
  }
}

/** The value itself, for those to whom it is more than whether it counts as true. */
export function exact(node: Node, flagTruth: FlagTruth): Truth {
  const known = flagTruth(node);
  if (known !== undefined) return known;
  switch (node.type) {
    case "LogicalExpression": {
      const left = exact(node.left, flagTruth);
      if (left === undefined) return undefined;
      return logical(node.operator, left, () => exact(node.right, flagTruth));
    }
    case "ConditionalExpression": {
      const test = evaluate(node.test, flagTruth);
      if (test === undefined) return undefined;
      return exact(test ? node.consequent : node.alternate, flagTruth);
    }
    default: {
      const inner = unwrapped(node);
      // What else is known is a boolean.
      return inner === node ? evaluate(node, flagTruth) : exact(inner, flagTruth);
    }
  }
}

/** A value that is known whole: text and numbers as well as what the flags decide. */
export function constantValue(
  node: Node,
  flagTruth: FlagTruth,
): { readonly value: unknown } | undefined {
  if (node.type === "Literal") return "regex" in node ? undefined : { value: node.value };
  if (node.type === "ConditionalExpression") {
    const test = evaluate(node.test, flagTruth);
    if (test === undefined) return undefined;
    return constantValue(test ? node.consequent : node.alternate, flagTruth);
  }
  const inner = unwrapped(node);
  if (inner !== node) return constantValue(inner, flagTruth);
  const value = exact(node, flagTruth);
  return value === undefined ? undefined : { value };
}

function equality(operator: string, left: Truth, right: Truth): Truth {
  if (left === undefined || right === undefined) return undefined;
  if (operator === "===" || operator === "==") return left === right;
  return operator === "!==" || operator === "!=" ? left !== right : undefined;
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

/**
 * Whether a condition only looks at things, so that a program that does not ask does the same.
 * Reading a property counts as looking.
 *
 * @param isFlag whether a node is a call or a read of a flag
 */
export function isPure(node: Node, isFlag: (node: Node) => boolean): boolean {
  if (isFlag(node)) return true;
  switch (node.type) {
    case "Literal":
    case "Identifier":
    case "ThisExpression":
      return true;
    case "UnaryExpression":
      return node.operator !== "delete" && isPure(node.argument, isFlag);
    case "LogicalExpression":
    case "BinaryExpression":
      return isPure(node.left, isFlag) && isPure(node.right, isFlag);
    case "ConditionalExpression":
      return [node.test, node.consequent, node.alternate].every((part) => isPure(part, isFlag));
    case "MemberExpression":
      return isPure(node.object, isFlag) && (!node.computed || isPure(node.property, isFlag));
    case "ChainExpression":
      return isPure(node.expression, isFlag);
    default: {
      const inner = unwrapped(node);
      return inner !== node && isPure(inner, isFlag);
    }
  }
}
