/** The scripts of a component as texts of their own, with every character where it stands in the file. Pure. */

import type { Problem } from "../diagnostic.ts";
import type { Language } from "../language.ts";
import { parseSource, tooMuch, withinDepth } from "../parse.ts";
import { blankSpans, type Span } from "../position.ts";
import { scanTree, type TreeScan } from "../scan.ts";
import {
  isVueCode,
  markupCalls,
  type MarkupExpression,
  markupExpressions,
  wordPattern,
} from "./markup_expressions.ts";
import { type ComponentKind, findScripts } from "./script_parts.ts";

interface ComponentModule {
  /** The whole file, with blanks for what is not of this module. */
  readonly code: string;
  readonly parts: readonly Span[];
  readonly language: Language;
  /** Whether the markup sees its names. */
  readonly isSeen: boolean;
}

/** Scripts of a component: more would be read beside one another for too long. */
const SCRIPT_COUNT_MAX = 64;

export interface Component {
  readonly kind: ComponentKind;
  /** The first script of too many: then none is read. */
  readonly excess?: Span | undefined;
  readonly modules: readonly ComponentModule[];
  /** The whole file, with blanks for scripts, styles and comments. */
  readonly markup: string;
}

export function openComponent(code: string, kind: ComponentKind): Component {
  const { modules, apart } = findScripts(code, kind);
  const excess = modules.flatMap(({ parts }) => parts)[SCRIPT_COUNT_MAX];
  if (excess !== undefined) return { kind, excess, modules: [], markup: "" };
  return {
    kind,
    modules: modules.map((module) => ({ ...module, code: keepSpans(code, module.parts) })),
    markup: blankSpans(code, apart),
  };
}

/** A module whose tree was walked. */
interface ScannedModule extends ComponentModule {
  /** What was parsed: the module's text, and the markup's expressions that could be told. */
  readonly text: string;
  readonly scan: TreeScan;
}

/**
 * @param isWanted whether a module's text may hold anything to find: the others are not parsed
 * @returns with what the markup asks for among the module's uses, as far as it can be told
 */
export function scanComponent(
  { kind, excess, modules, markup }: Component,
  file: string,
  isWanted: (code: string) => boolean,
): ScannedModule[] {
  if (excess !== undefined) {
    const message = `a component has at most ${SCRIPT_COUNT_MAX} scripts`;
    const scan = scanTree(tooMuch(file, { start: excess.start, message }));
    return [{ code: "", parts: [], language: "jsx", isSeen: false, text: "", scan }];
  }
  return modules
    .filter(({ code }) => isWanted(code))
    .map((module) => {
      const scan = scanText(file, module.code, module.language);
      if (!module.isSeen || scan.names.size === 0) return { ...module, text: module.code, scan };
      const whole = scanWithMarkup(kind, module, markup, scan, file);
      if (kind !== "vue") return { ...module, ...whole };
      const problems = [...whole.scan.problems, ...templateCalls(markup, whole.scan)];
      return { ...module, ...whole, scan: { ...whole.scan, problems } };
    });
}

function scanText(file: string, code: string, language: Language): TreeScan {
  return scanTree(withinDepth(file, parseSource(file, code, false, language)));
}

function scanWithMarkup(
  kind: ComponentKind,
  module: ComponentModule,
  markup: string,
  scan: TreeScan,
  file: string,
): { readonly text: string; readonly scan: TreeScan } {
  const language = kind === "astro" ? "tsx" : module.language;
  const expressions = markupExpressions(markup, kind, scan.names, language);
  const alone = { text: module.code, scan };
  if (expressions.length === 0) return alone;
  const text = withExpressions(module, markup, expressions);
  const whole = scanText(file, text, module.language);
  // What does not go together is left as it was.
  return whole.problems.some(({ rule }) => rule === "syntax") ? alone : { text, scan: whole };
}

/** The module's text with a condition or a value in parentheses for each expression, all in place. */
function withExpressions(
  { code, parts }: ComponentModule,
  markup: string,
  expressions: readonly MarkupExpression[],
): string {
  const chars = code.split("");
  const put = (text: string, at: number): void => {
    for (let index = 0; index < text.length; index++) chars[at + index] = text.charAt(index);
  };
  for (const { start } of parts) if (code[start - 1] === " ") put(";", start - 1);
  for (const { start, end, isTest } of expressions) {
    const head = isTest ? ";if(" : "(";
    put(head, start - head.length);
    for (let index = start; index < end; index++) chars[index] = markup[index] ?? "";
    put(")", end);
  }
  return `${chars.join("")};`;
}

/** Whether the markup may use one of the names: a word of its prose counts, too. */
export function markupNames(markup: string, names: ReadonlySet<string>): boolean {
  return [...names].some((name) => wordPattern(name).test(markup));
}

/** A template of Vue asks its instance for every name, and so for a function that a build has not. */
function templateCalls(markup: string, { names, calls, problems }: TreeScan): Problem[] {
  const known = new Set([...calls, ...problems].map(({ start }) => start));
  return markupCalls(markup, names)
    .filter((start) => !known.has(start) && isVueCode(markup, start))
    .map((start) => ({
      rule: "position",
      start,
      message: "a flag in this part of a template is not decided when building",
      fix: 'Decide it in the script: const isOn = feature("NAME") ? true : false; and use isOn here.',
    }));
}

function keepSpans(code: string, spans: readonly Span[]): string {
  const between: Span[] = [];
  let done = 0;
  for (const { start, end } of spans) {
    between.push({ start: done, end: start });
    done = end;
  }
  return blankSpans(code, [...between, { start: done, end: code.length }]);
}
