/** What a reference to the imported `feature` is: a call that becomes a literal, or a mistake. */

import type { CallExpression, Node } from "@oxc-project/types";
import { quote } from "../../base/text.ts";
import type { Problem, Rule } from "./diagnostic.ts";
import { isCast, stringOf, unwrapped } from "./syntax.ts";

/** `feature("NAME")`, in the condition of an `if` or `?:`. */
export interface FeatureCall {
  readonly name: string;
  /** What is replaced, in UTF-16 code units: the call with the casts around it. */
  readonly start: number;
  readonly end: number;
  /** Where the name stands, for messages about the flag. */
  readonly nameStart: number;
}

export type Reference = { readonly call: FeatureCall } | { readonly problem: Problem };

const POSITION_FIX =
  'Write if (feature("NAME")) … or feature("NAME") ? … : …, so that every bundler drops the dead branch.';
const CALL_FIX = 'Call it directly by its imported name, with one string: feature("NAME").';

/**
 * @param ancestors of the reference, from the program down to its parent
 * @param tested whether it stands inside the condition of an `if` or `?:`
 */
export function classifyReference(
  node: Node,
  ancestors: readonly Node[],
  tested: boolean,
): Reference {
  let depth = ancestors.length - 1;
  let top = node;
  while (isCast(ancestors[depth])) top = ancestors[depth--] ?? top;
  const parent = ancestors[depth];
  if (parent?.type !== "CallExpression" || parent.callee !== top) {
    return { problem: misuse(node, top, ancestors.slice(0, depth + 1)) };
  }
  return classifyCall(parent, outermostCast(parent, ancestors.slice(0, depth)), tested);
}

function classifyCall(call: CallExpression, whole: Node, tested: boolean): Reference {
  const { start } = call;
  const [argument] = call.arguments;
  if (call.arguments.length !== 1 || argument === undefined) {
    return problem(
      "argument-count",
      start,
      `feature() takes one string, not ${call.arguments.length} arguments`,
      CALL_FIX,
    );
  }
  const literal = unwrapped(argument);
  const name = stringValue(literal);
  if (name === undefined) {
    return problem(
      "argument-literal",
      argument.start,
      "the name of a flag must be a string literal, so that it is known when building",
      CALL_FIX,
    );
  }
  if (!tested) {
    return problem(
      "position",
      start,
      `feature(${quote(name)}) outside the condition of an if or ?:`,
      POSITION_FIX,
    );
  }
  return { call: { name, start: whole.start, end: whole.end, nameStart: literal.start } };
}

/** @param ancestors of `top`, from the program down to its parent */
function misuse(node: Node, top: Node, ancestors: readonly Node[]): Problem {
  const parent = ancestors.at(-1);
  const { start } = node;
  const found = (rule: Rule, message: string): Problem => ({ rule, start, message, fix: CALL_FIX });
  switch (parent?.type) {
    case "NewExpression":
      if (parent.callee === top) return found("new", "new feature() is not replaced");
      break;
    case "TaggedTemplateExpression":
      if (parent.tag === top) {
        return found("tagged-template", "feature used as a template tag is not replaced");
      }
      break;
    case "MemberExpression":
      return found("method-call", "a property of feature is not replaced");
    case "SequenceExpression": {
      const outer = ancestors.at(-2);
      if (outer?.type === "CallExpression" && outer.callee === parent) {
        return found("sequence-call", "(…, feature)() is replaced by some bundlers only");
      }
      break;
    }
    case "ExportSpecifier":
    case "ExportDefaultDeclaration":
      return {
        rule: "re-export",
        start,
        message: "feature cannot be exported again: no bundler replaces the calls behind it",
        fix: 'Import feature from "bun:bundle" in each file that calls it.',
      };
    default:
      break;
  }
  return found("alias", "feature used as a value: calls through it are not replaced");
}

function problem(rule: Rule, start: number, message: string, fix: string): Reference {
  return { problem: { rule, start, message, fix } };
}

/** The call with its casts: `as` must not be left alone behind a line end. */
function outermostCast(call: Node, ancestors: readonly Node[]): Node {
  let top = call;
  for (let depth = ancestors.length - 1; isCast(ancestors[depth]); depth--) {
    top = ancestors[depth] ?? top;
  }
  return top;
}

function stringValue(node: Node): string | undefined {
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return stringOf(node);
  return node.quasis[0]?.value.cooked ?? undefined;
}
