/** Replaces the branchings of one flag by the branches that stay. */

import type {
  BlockStatement,
  ConditionalExpression,
  Expression,
  IfStatement,
  Node,
  Program,
  Statement,
} from "@oxc-project/types";
import type { MagicString } from "magic-string";
import { walk } from "oxc-walker";
import { Completion, statementList } from "../source/completion.ts";
import { evaluate, type FlagTruth, isPure, type Truth } from "../source/condition.ts";
import { unwrapped } from "../source/syntax.ts";
import type { Span } from "../source/position.ts";
import { keepPart, moveOut, removeStatement, unwrapBlock } from "./retire_layout.ts";

export interface BranchEdit {
  readonly code: string;
  /** With parentheses as nodes. */
  readonly program: Program;
  readonly text: MagicString;
  /** Knows the flag that goes, and no other. */
  readonly flagTruth: FlagTruth;
  /** Whether a node asks for a flag, this one or another. */
  readonly isFlag: (node: Node) => boolean;
}

/** Where a statement stands: in a list, or as the body of another, perhaps with an `else` behind. */
type Place = "list" | "body" | "body-before-else";

export function rewriteBranches(edit: BranchEdit): void {
  new BranchWriter(edit).visit(edit.program);
}

/** What an expression must not begin with where a statement or a function's body begins. */
const AMBIGUOUS_START = /^(?:\{|(?:async\s+)?function\b|class\b|let\s*\[)/;

class BranchWriter {
  readonly #edit: BranchEdit;
  /** Choices whose branch must stay a mere value: called, `o.m` would get `o` as its `this`. */
  readonly #values = new Set<Node>();

  readonly #completion = new Completion((test) => this.#settled(test));
  readonly #undecided = new Completion(() => undefined);
  readonly #gone = new Set<Node>();

  constructor(edit: BranchEdit) {
    this.#edit = edit;
  }

  /**
   * @param place of `root`, when it is a statement
   * @param outer what `root` stands in by now, when it is an expression
   */
  visit(root: Node, place: Place = "list", outer: Node | null = null): void {
    const enter = (node: Node, parent: Node | null): boolean => {
      if (this.#gone.has(node)) return true;
      const list = statementList(node);
      if (list !== undefined) this.#removeUnreachable(list);
      if (node.type === "IfStatement") {
        this.#ifStatement(node, parent === null ? place : placeIn(parent));
      } else if (node.type === "ConditionalExpression") {
        this.#conditional(node, parent ?? outer);
      } else {
        const value = asValue(node);
        if (value !== undefined) this.#values.add(value);
        const truth = this.#edit.flagTruth(node);
        if (truth === undefined) return false;
        this.#edit.text.update(node.start, node.end, String(truth));
      }
      return true;
    };
    walk(root, {
      enter(node, parent) {
        if (enter(node, parent)) this.skip(); // the walker's word: do not enter it
      },
    });
  }

  /** What stands behind a guard that leaves the list, now that the flag decides it. */
  #removeUnreachable(list: readonly Node[]): void {
    const { text, code } = this.#edit;
    const already = new Set(this.#undecided.unreachable(list).unreachable);
    const found = new Set(this.#completion.unreachable(list).unreachable);
    let run: Span | undefined;
    for (const item of list) {
      const isGone = found.has(item) && !already.has(item);
      if (isGone) {
        this.#gone.add(item);
        run = { start: run?.start ?? item.start, end: item.end };
      }
      if (run === undefined || (isGone && item !== list.at(-1))) continue;
      removeStatement(text, code, { ...run, end: lineCommentEnd(code, run.end) });
      run = undefined;
    }
  }

  #ifStatement(node: IfStatement, place: Place): void {
    const { text, code } = this.#edit;
    const { test, consequent, alternate } = node;
    if (this.#settled(test) === undefined) {
      this.#condition(test, true);
      this.visit(consequent, alternate === null ? "body" : "body-before-else");
      if (alternate === null) return;
      const rest = this.#branch(alternate);
      if (rest === null) text.remove(consequent.end, alternate.end);
      else if (rest.type !== "EmptyStatement") {
        this.visit(alternate, place === "body-before-else" ? place : "body");
      } else if (rest !== alternate) {
        // Without its else, the if would take the one that may stand behind.
        text.update(alternate.start, alternate.end, "{}");
      }
      return;
    }
    const live = this.#live(node);
    if (live === null) {
      if (place === "list") removeStatement(text, code, node);
      else text.update(node.start, node.end, "{}");
    } else if (place === "list" && canUnwrap(live)) {
      unwrapBlock(text, code, node, live);
      this.visit(live);
    } else {
      keepPart(text, node, live);
      moveOut(text, code, node, live);
      if (place === "body-before-else" && live.type !== "BlockStatement") {
        // An if without else would take the else that stands behind.
        text.prependRight(live.start, "{ ").appendLeft(live.end, " }");
      }
      this.visit(live, place);
    }
  }

  /** What is left of a statement whose conditions are settled; null when it is nothing. */
  #live(node: Statement): Statement | null {
    const live = this.#branch(node);
    return live?.type === "EmptyStatement" ? null : live;
  }

  /** The same, and the empty statement where that is what stays. */
  #branch(node: Statement): Statement | null {
    let current: Statement | null = node;
    while (current?.type === "IfStatement") {
      const truth = this.#settled(current.test);
      if (truth === undefined) return current;
      current = truth ? current.consequent : current.alternate;
    }
    return current;
  }

  #conditional(node: ConditionalExpression, parent: Node | null): void {
    const { text, code } = this.#edit;
    const truth = this.#settled(node.test);
    if (truth === undefined) {
      this.#condition(node.test, true);
      this.visit(node.consequent);
      this.visit(node.alternate);
      return;
    }
    const live = truth ? node.consequent : node.alternate;
    keepPart(text, node, live);
    moveOut(text, code, node, live);
    if (beginsBody(parent) && AMBIGUOUS_START.test(code.slice(live.start, live.end))) {
      text.prependRight(live.start, "(").appendLeft(live.end, ")");
    }
    if (this.#values.has(node)) {
      const value = unwrapped(live);
      if (value.type === "ConditionalExpression") this.#values.add(value);
      else if (isReference(value)) text.prependRight(live.start, "0, ");
    }
    this.visit(live, "list", parent);
  }

  /**
   * Simplifies a condition that other things decide as well.
   *
   * @param isTest whether only its truth counts, not its value
   */
  #condition(node: Expression, isTest: boolean): void {
    if (node.type === "ParenthesizedExpression") return this.#condition(node.expression, isTest);
    if (node.type === "UnaryExpression" && node.operator === "!") {
      return this.#condition(node.argument, true);
    }
    if (node.type !== "LogicalExpression" || node.operator === "??") return this.visit(node);
    const { text } = this.#edit;
    const neutral = node.operator === "&&";
    if (this.#settled(node.left) === neutral) {
      keepPart(text, node, node.right);
      return this.#condition(node.right, isTest);
    }
    if (isTest && this.#settled(node.right) === neutral) {
      keepPart(text, node, node.left);
      return this.#condition(node.left, isTest);
    }
    this.#condition(node.left, isTest);
    this.#condition(node.right, isTest);
  }

  /** The truth of a condition that can be dropped, as nothing in it does anything. */
  #settled(test: Node): Truth {
    const { flagTruth, isFlag } = this.#edit;
    return isPure(test, isFlag) ? evaluate(test, flagTruth) : undefined;
  }
}

const LINE_COMMENT = /[ \t]*\/\/[^\n\r]*/y;

/** Where a comment behind a statement on its line ends. */
function lineCommentEnd(code: string, end: number): number {
  LINE_COMMENT.lastIndex = end;
  return end + (LINE_COMMENT.exec(code)?.[0].length ?? 0);
}

/** A block whose braces do nothing. */
function canUnwrap(node: Statement): node is BlockStatement {
  return (
    node.type === "BlockStatement" &&
    node.body.every(
      (one) =>
        (!one.type.endsWith("Declaration") && one.type !== "ClassExpression") ||
        (one.type === "VariableDeclaration" && one.kind === "var"),
    )
  );
}

function placeIn(parent: Node): Place {
  switch (parent.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
    case "SwitchCase":
    case "TSModuleBlock":
      return "list";
    default:
      return "body";
  }
}

function beginsBody(parent: Node | null): boolean {
  return (
    parent?.type === "ExpressionStatement" ||
    parent?.type === "ArrowFunctionExpression" ||
    parent?.type === "ExportDefaultDeclaration"
  );
}

/** The choice that a node calls, or deletes: in parentheses, and perhaps in casts. */
function asValue(node: Node): Node | undefined {
  switch (node.type) {
    case "CallExpression":
      return unwrapped(node.callee);
    case "TaggedTemplateExpression":
      return unwrapped(node.tag);
    case "UnaryExpression":
      return node.operator === "delete" ? unwrapped(node.argument) : undefined;
    default:
      return undefined;
  }
}

/** What a call or a `delete` takes as more than a value; a mere name matters to neither but `eval`. */
function isReference(node: Node): boolean {
  switch (node.type) {
    case "MemberExpression":
    case "ChainExpression":
      return true;
    case "Identifier":
      return node.name === "eval";
    default:
      return false;
  }
}
