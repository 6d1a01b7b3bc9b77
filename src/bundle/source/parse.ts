/** How sources are parsed. */

import type { Node, Program } from "@oxc-project/types";
import { type OxcError, parseSync } from "oxc-parser";
import { type Excess, findExcess } from "./budget.ts";
import { type Language, languageOf } from "./language.ts";
import { walkTree } from "./walk_tree.ts";
import { pathOf } from "../flags/module_path.ts";

/** A source's tree, which is made when it is asked for, or what is wrong with the source. */
export interface Parsed {
  readonly program: Program;
  readonly errors: readonly Pick<OxcError, "message" | "labels" | "helpMessage">[];
}

/**
 * @param file a path, perhaps with a bundler's query behind it
 * @param preserveParens whether the tree shows parentheses, for those who rewrite the text
 */
export function parseSource(
  file: string,
  code: string,
  preserveParens = false,
  language: Language = languageOf(file),
): Parsed {
  const path = pathOf(file);
  const excess = findExcess(code);
  if (excess !== undefined) return tooMuch(path, excess);
  if (language === "frontmatter") return parseFrontmatter(path, code, preserveParens);
  const lang = language;
  const result = parseSync(path, code, { lang, preserveParens, sourceType: "unambiguous" });
  if (result.errors.length === 0) return result;
  // A top-level await alone does not mark a module for the parser.
  const asModule = parseSync(path, code, { lang, preserveParens, sourceType: "module" });
  return asModule.errors.length === 0 ? asModule : result;
}

const RETURN = /'return' statement can only be used within a function body/;

/** Astro runs it as a function's body, and takes elements in it as well. */
function parseFrontmatter(path: string, code: string, preserveParens: boolean): Parsed {
  const [plain, withElements] = (["ts", "tsx"] as const).map((lang): Parsed => {
    const parsed = parseSync(path, code, { lang, preserveParens, sourceType: "module" });
    const errors = parsed.errors.filter(({ message }) => !RETURN.test(message));
    return { program: parsed.program, errors };
  });
  if (plain === undefined || withElements === undefined) return parseSync(path, code);
  return plain.errors.length > 0 && withElements.errors.length === 0 ? withElements : plain;
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

/** @returns an empty tree with an error, in the place of what is more than is read */
export function tooMuch(path: string, { start, message }: Excess): Parsed {
  const labels = [{ message: null, start, end: start }];
  const helpMessage = "Split it into parts, or keep generated code in a file of its own.";
  return { program: parseSync(path, "").program, errors: [{ message, labels, helpMessage }] };
}
