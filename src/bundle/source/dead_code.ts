/** Which parts of a source a record switches off, and what of it can be blanked out. Pure. */

import type { ImportDeclaration, LogicalExpression } from "@oxc-project/types";
import { walk } from "oxc-walker";
import { evaluate, exact, type FlagTruth, type Truth } from "./condition.ts";
import { type FlagSource, truthOf } from "./flag_source.ts";
import { isInside, type Span } from "./position.ts";

/**
 * The branches that never run, outermost ones only.
 *
 * @param state of each flag
 */
export function deadSpans(source: FlagSource, state: (name: string) => Truth): Span[] {
  const flagTruth = truthOf(source, state);
  const spans: Span[] = [];
  const kill = (node: Span | null): void => {
    if (node !== null) spans.push({ start: node.start, end: node.end });
  };
  walk(source.program, {
    enter(node) {
      if (isInside(node, spans)) {
        this.skip(); // the walker's word: do not enter this node
      } else if (node.type === "IfStatement" || node.type === "ConditionalExpression") {
        const truth = evaluate(node.test, flagTruth);
        if (truth !== undefined) kill(truth ? node.alternate : node.consequent);
      } else if (node.type === "LogicalExpression") {
        if (isDecided(node, flagTruth)) kill(node.right);
      }
    },
  });
  return spans;
}

/** Whether the left side says it all. */
function isDecided({ operator, left }: LogicalExpression, flagTruth: FlagTruth): boolean {
  // A flag is never null; what is only known to be false may be.
  if (operator === "??") return exact(left, flagTruth) !== undefined;
  return evaluate(left, flagTruth) === (operator === "||");
}

/**
 * The text with the spans turned to blanks: every line and column stays where it is.
 *
 * @param spans in any order; they do not overlap
 */
export function blankSpans(text: string, spans: readonly Span[]): string {
  let result = "";
  let at = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + text.slice(start, end).replace(/[^\r\n\u2028\u2029]/g, " ");
    at = end;
  }
  return result + text.slice(at);
}

/**
 * Import declarations whose names stand nowhere but in dead code. A name that is mentioned at all
 * elsewhere, even in a comment, counts as used.
 *
 * @param dead of the same source
 */
export function deadImports(source: FlagSource, dead: readonly Span[]): ImportDeclaration[] {
  const imports = source.program.body.filter((node) => node.type === "ImportDeclaration");
  const words = wordsOf(blankSpans(source.code, [...imports, ...dead]));
  return imports.filter(
    ({ specifiers }) =>
      specifiers.length > 0 && specifiers.every(({ local }) => !words.has(local.name)),
  );
}

/** Every run of characters that could be a name. */
export function wordsOf(text: string): Set<string> {
  return new Set(text.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu));
}
