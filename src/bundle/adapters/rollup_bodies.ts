/**
 * Puts right what Rollup gets wrong: of `while (x) if (false) f();` it leaves `while (x)`, and what comes
 * next becomes the body. Pure.
 */

import type { Node, Statement } from "@oxc-project/types";
import { walk } from "oxc-walker";
import { evaluate, isPure, type Truth } from "../source/condition.ts";
import { fitInPlace } from "../source/position.ts";
import { parseSource, withinDepth } from "../source/parse.ts";

/** What an `if` stands behind that is no statement of a list: a head, `do` or a label. */
const HEAD = /[):]|\bdo\b/g;
const IF = /if\b/y;
const BLANK = /\s+|\/\/[^\n\r\u2028\u2029]*/y;

/**
 * Decides each `if` that is the body of a loop and that literals decide. Nothing moves.
 *
 * @param code with the flags replaced
 * @param file its extension tells the language
 */
export function decideLoopBodies(code: string, file: string): string {
  if (!mayHoldBodyIf(code)) return code;
  const { program, errors } = withinDepth(file, parseSource(file, code, true));
  // Rollup says itself what does not parse.
  if (errors.length > 0) return code;
  let result = code;
  const gone = new Set<Node>();
  walk(program, {
    enter(node) {
      const body = loopBody(node);
      if (gone.has(node)) {
        this.skip(); // the walker's word: do not enter this node
      } else if (body?.type === "IfStatement") {
        result = decide(result, body, gone);
      }
    },
  });
  return result;
}

/** A quick look: other things may look like one. No place is looked at again and again. */
function mayHoldBodyIf(code: string): boolean {
  const lastClose = code.lastIndexOf("*/");
  let looksLeft = code.length;
  for (const { index, 0: head } of code.matchAll(HEAD)) {
    const start = index + head.length;
    const end = afterBlanks(code, start, lastClose);
    IF.lastIndex = end;
    if (IF.test(code)) return true;
    looksLeft -= end - start;
    if (looksLeft < 0) return true;
  }
  return false;
}

/** Behind spaces and comments. @param lastClose where the last comment over lines ends */
function afterBlanks(code: string, start: number, lastClose: number): number {
  let at = start;
  for (;;) {
    BLANK.lastIndex = at;
    if (BLANK.test(code)) at = BLANK.lastIndex;
    else if (code.startsWith("/*", at) && at + 2 <= lastClose) at = code.indexOf("*/", at + 2) + 2;
    else return at;
  }
}

function loopBody(node: Node): Statement | undefined {
  switch (node.type) {
    case "DoWhileStatement":
    case "ForInStatement":
    case "ForOfStatement":
    case "ForStatement":
    case "WhileStatement":
    case "LabeledStatement":
      return node.body;
    default:
      return undefined;
  }
}

/**
 * Leaves of a statement what runs; as nothing moves, others keep their places.
 *
 * @param gone gets the branches that do not run: a loop in them has no place any more
 */
function decide(code: string, whole: Statement, gone: Set<Node>): string {
  let live: Statement | null = whole;
  const dead: (Statement | null)[] = [];
  while (live?.type === "IfStatement") {
    const truth = truthOf(live.test);
    if (truth === undefined) break;
    dead.push(truth ? live.alternate : live.consequent);
    live = truth ? live.consequent : live.alternate;
  }
  if (live === whole) return code;
  const { start, end } = whole;
  const kept = live === null || live.type === "EmptyStatement" ? { start, end: start } : live;
  const before = code.slice(start, kept.start);
  const after = code.slice(kept.end, end);
  // A var there is declared for the whole function; with one, Rollup keeps a block.
  if (/\bvar\b/.test(before + after)) return code;
  for (const branch of dead) if (branch !== null) gone.add(branch);
  const isEmpty = kept.start === kept.end;
  return [
    code.slice(0, start),
    fitInPlace(before, ""),
    code.slice(kept.start, kept.end),
    fitInPlace(after, isEmpty ? "{}" : ""),
    code.slice(end),
  ].join("");
}

function truthOf(test: Node): Truth {
  return isPure(test, () => false) ? evaluate(test, () => undefined) : undefined;
}
