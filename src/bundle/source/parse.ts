/** How sources are parsed. */

import type { Node, Program } from "@oxc-project/types";
import { type OxcError, parseSync } from "oxc-parser";
import { type Excess, findExcess } from "./budget.ts";
import { walkTree } from "./walk_tree.ts";

/** A source's tree, which is made when it is asked for, or what is wrong with the source. */
export interface Parsed {
  readonly program: Program;
  readonly errors: readonly Pick<OxcError, "message" | "labels" | "helpMessage">[];
}

/**
 * @param file a path, perhaps with a bundler's query behind it
 * @param preserveParens whether the tree shows parentheses, for those who rewrite the text
 */
export function parseSource(file: string, code: string, preserveParens = false): Parsed {
  const path = file.replace(/[?#].*$/, "");
  const extension = /\.[cm]?([jt]sx?)$/.exec(path)?.[1];
  // Bun and every bundler here take JSX in a .js file, but not in a .ts file.
  const lang = extension === "ts" || extension === "tsx" ? extension : "jsx";
  const excess = findExcess(code);
  if (excess !== undefined) return tooMuch(path, excess);
  const result = parseSync(path, code, { lang, preserveParens, sourceType: "unambiguous" });
  if (result.errors.length === 0) return result;
  // A top-level await alone does not mark a module for the parser.
  const asModule = parseSync(path, code, { lang, preserveParens, sourceType: "module" });
  return asModule.errors.length === 0 ? asModule : result;
}

/** Levels of a tree: a walk calls itself once for each. */
const TREE_DEPTH_MAX = 1_500;

/** @returns the tree, or an empty one with an error where it is too deep to be walked */
export function withinDepth(file: string, parsed: Parsed): Parsed {
  if (parsed.errors.length > 0) return parsed;
  let depth = 0;
  let deep: Node | undefined;
  walkTree(parsed.program, {
    enter(node) {
      if (++depth > TREE_DEPTH_MAX) deep ??= node;
      return deep !== undefined;
    },
    leave: () => void depth--,
  });
  if (deep === undefined) return parsed;
  return tooMuch(file, {
    start: deep.start,
    message: `more than ${TREE_DEPTH_MAX} parts stand in one another`,
  });
}

function tooMuch(path: string, { start, message }: Excess): Parsed {
  const labels = [{ message: null, start, end: start }];
  const helpMessage = "Split it into parts, or keep generated code in a file of its own.";
  return { program: parseSync(path, "").program, errors: [{ message, labels, helpMessage }] };
}
