/** Which parts of a source a record switches off, and what of it can be blanked out. Pure. */

import type {
  Function as FunctionNode,
  ImportDeclaration,
  LogicalExpression,
  Node,
  SwitchStatement,
} from "@oxc-project/types";
import { walk } from "oxc-walker";
import { Completion, isHoisted, statementList } from "./completion.ts";
import { constantValue, evaluate, exact, type FlagTruth, type Truth } from "./condition.ts";
import { withDecidedNames } from "./decided_names.ts";
import { type FlagSource, truthOf } from "./flag_source.ts";
import { blankSpans, isInside, type Span } from "./position.ts";

/**
 * The code that never runs: branches that the flags, or constants that they decide, are against, and what follows a `return`,
 * `throw`, `break` or `continue` that they decide for. Outermost parts only, in the order of the text.
 *
 * @param state of each flag
 */
export function deadSpans(source: FlagSource, state: (name: string) => Truth): Span[] {
  const flagTruth = withDecidedNames(source, truthOf(source, state));
  const completion = new Completion((test) => evaluate(test, flagTruth));
  const dead = new Set<Node>();
  const spans: Span[] = [];
  const hoisted: FunctionNode[] = [];
  const kill = (node: Node | null): void => {
    if (node !== null) dead.add(node);
  };
  walk(source.program, {
    enter(node) {
      if (dead.has(node)) {
        spans.push({ start: node.start, end: node.end });
        this.skip(); // the walker's word: do not enter this node
        return;
      }
      const list = statementList(node);
      if (list !== undefined) {
        const rest = completion.unreachable(list);
        for (const item of rest.unreachable) kill(item);
        hoisted.push(...rest.hoisted);
      } else if (node.type === "SwitchStatement") {
        for (const item of unreachableCases(node, completion, flagTruth)) kill(item);
      } else if (node.type === "IfStatement" || node.type === "ConditionalExpression") {
        const truth = evaluate(node.test, flagTruth);
        if (truth !== undefined) kill(truth ? node.alternate : node.consequent);
      } else if (node.type === "WhileStatement" || node.type === "ForStatement") {
        if (node.test !== null && evaluate(node.test, flagTruth) === false) kill(node.body);
      } else if (node.type === "LogicalExpression") {
        if (isDecided(node, flagTruth)) kill(node.right);
      }
    },
  });
  return [...spans, ...uncalled(source.code, hoisted, spans)].toSorted((x, y) => x.start - y.start);
}

/** The statements of cases that cannot run: none of theirs fits, and none falls through to them. */
function unreachableCases(
  { discriminant, cases }: SwitchStatement,
  completion: Completion,
  flagTruth: FlagTruth,
): Node[] {
  const asked = constantValue(discriminant, flagTruth);
  if (asked === undefined) return [];
  const fits = cases.map(({ test }): Truth => {
    const known = test === null ? undefined : constantValue(test, flagTruth);
    return known === undefined ? undefined : known.value === asked.value;
  });
  const first = fits.indexOf(true);
  let falls = false;
  return cases.flatMap((one, index) => {
    // Behind the first that fits none is asked, and the default is for where none fits.
    const isAsked = first === -1 || (one.test !== null && index <= first);
    const runs = falls || (isAsked && fits[index] !== false);
    falls = runs && completion.endsNormally(one);
    return runs ? [] : one.consequent.filter((item) => !isHoisted(item));
  });
}

/**
 * Functions behind the end of a list are made all the same: they are dead when nothing that lives
 * names them.
 */
function uncalled(code: string, functions: readonly FunctionNode[], dead: readonly Span[]): Span[] {
  let unused = functions.filter((node) => !isInside(node, dead));
  let count = -1;
  while (unused.length > 0 && unused.length !== count) {
    count = unused.length;
    const words = wordsOf(
      blankSpans(code, [...dead.filter((s) => !isInside(s, unused)), ...unused]),
    );
    unused = unused.filter(({ id }) => id !== null && !words.has(id.name));
  }
  return unused.map(({ start, end }) => ({ start, end }));
}

/** Whether the left side says it all. */
function isDecided({ operator, left }: LogicalExpression, flagTruth: FlagTruth): boolean {
  // A flag is never null; what is only known to be false may be.
  if (operator === "??") return exact(left, flagTruth) !== undefined;
  return evaluate(left, flagTruth) === (operator === "||");
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
