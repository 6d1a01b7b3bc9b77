/**
 * The expressions of a markup that call one of some names, as far as they can be told apart from prose
 * without the markup's compiler. What is not found here is left to the script that the compiler makes.
 * Pure; every search is bounded.
 */

import { escapePattern } from "../../../base/text.ts";
import type { Language } from "../language.ts";
import { parseSource } from "../parse.ts";
import type { Span } from "../position.ts";
import type { ComponentKind } from "./script_parts.ts";

export interface MarkupExpression extends Span {
  /** Whether it is a condition as a whole. */
  readonly isTest: boolean;
}

/** Calls that are looked at, braces that are tried for each, and how far away those may be. */
const CALL_COUNT_MAX = 256;
const BRACE_COUNT_MAX = 8;
const DISTANCE_MAX = 4_096;

/** Where a markup calls a name. */
export function markupCalls(markup: string, names: ReadonlySet<string>): number[] {
  const calls = [...names].flatMap((name) => [
    ...markup.matchAll(wordPattern(name, String.raw`\s*(?:\?\.\s*)?\(`)),
  ]);
  return calls.map(({ index }) => index).toSorted((a, b) => a - b);
}

/** A name as a whole word; Svelte reads a store under its name with a `$` in front. */
export function wordPattern(name: string, behind = ""): RegExp {
  return new RegExp(String.raw`(?<![\w.$])\$?${escapePattern(name)}(?![\w$-])${behind}`, "g");
}

/** @returns outermost only, ascending; none where the markup gives a name another meaning */
export function markupExpressions(
  markup: string,
  kind: ComponentKind,
  names: ReadonlySet<string>,
  language: Language,
): MarkupExpression[] {
  if ([...names].some((name) => isRedefined(markup, name))) return [];
  const found: MarkupExpression[] = [];
  for (const at of markupCalls(markup, names).slice(0, CALL_COUNT_MAX)) {
    if (at < (found.at(-1)?.end ?? 0)) continue;
    const around =
      kind === "vue" ? vueExpression(markup, at) : bracedExpression(markup, at, language);
    if (around === undefined || !isExpression(markup, around, language)) continue;
    while (around.start < (found.at(-1)?.end ?? 0)) found.pop();
    found.push(around);
  }
  return found;
}

/** `{#each list as NAME}`, `let:NAME`, `{#snippet f(NAME)}`, `{@const NAME}`; `v-for`, `v-slot`. */
function isRedefined(markup: string, name: string): boolean {
  const word = String.raw`(?<![\w$])${escapePattern(name)}(?![\w$])`;
  const before = String.raw`\bas\s[^}]{0,200}|\blet:|#snippet\s[^}]{0,200}|@const\s[^=}]{0,200}|(?:v-for|v-slot[^\s=>]{0,60}|\s#[^\s=>]{0,60})=["'][^"']{0,200}`;
  return new RegExp(`(?:${before})${word}`).test(markup);
}

const DIRECTIVE = /\s(v-[\w-]*(?![\w-])|[:@#.])[^\s=>"']*\s*=\s*(["'])((?:(?!\2)[^])*)$/;

/** In `{{ … }}`, or the value of a directive that is one expression. */
function vueExpression(markup: string, at: number): MarkupExpression | undefined {
  const before = markup.slice(Math.max(0, at - DISTANCE_MAX), at);
  const opened = before.lastIndexOf("{{");
  if (opened > before.lastIndexOf("}}")) {
    const end = markup.indexOf("}}", at);
    return end < 0 ? undefined : { start: at - before.length + opened + 2, end, isTest: false };
  }
  const [, name = "", quote = "", value = ""] = DIRECTIVE.exec(before) ?? [];
  const end = quote === "" ? -1 : markup.indexOf(quote, at);
  if (end < 0 || /^(?:[@#]|v-on|v-for|v-slot|v-model)/.test(name)) return undefined;
  const isTest = name === "v-if" || name === "v-else-if" || name === "v-show";
  return { start: at - value.length, end, isTest };
}

/** Whether a place in a template of Vue is code. */
export function isVueCode(markup: string, at: number): boolean {
  const before = markup.slice(Math.max(0, at - DISTANCE_MAX), at);
  return before.lastIndexOf("{{") > before.lastIndexOf("}}") || DIRECTIVE.test(before);
}

const TEST_HEAD = /^(?:#if|:else\s+if)\s/;
const VALUE_HEAD = /^(?:(?:@html|@render|#key|#await)\s|@const\s[^=]*=)/;

/** In the nearest braces around it that hold one expression. */
function bracedExpression(
  markup: string,
  at: number,
  language: Language,
): MarkupExpression | undefined {
  let open = at;
  for (let tried = 0; tried < BRACE_COUNT_MAX; tried++) {
    open = markup.lastIndexOf("{", open - 1);
    if (open < 0 || at - open > DISTANCE_MAX) return undefined;
    const inner = markup.slice(open + 1, at);
    const isTest = TEST_HEAD.test(inner);
    const head = (isTest ? TEST_HEAD : VALUE_HEAD).exec(inner)?.[0].length ?? 0;
    let end = at;
    for (let closed = 0; closed < BRACE_COUNT_MAX; closed++) {
      end = markup.indexOf("}", end + 1);
      if (end < 0 || end - at > DISTANCE_MAX) break;
      const span = { start: open + 1 + head, end, isTest };
      if (isExpression(markup, span, language)) return span;
    }
    if (open === 0) return undefined;
  }
  return undefined;
}

function isExpression(markup: string, { start, end }: Span, language: Language): boolean {
  const code = `(${markup.slice(start, end)}\n)`;
  return parseSource("markup.js", code, false, language).errors.length === 0;
}
