/** Edits of statements that leave the lines around them as a person would. */

import type { BlockStatement, Node } from "@oxc-project/types";
import type { MagicString } from "magic-string";
import { walk } from "oxc-walker";
import type { Span } from "../source/position.ts";

/** Removes a statement, with its line where it stands there alone. */
export function removeStatement(text: MagicString, code: string, { start, end }: Span): void {
  const lineStart = start - indentOf(code, start).length;
  const rest = /^[ \t]*(?:\r?\n|$)/.exec(code.slice(end))?.[0];
  const isAlone = rest !== undefined && (lineStart === 0 || code[lineStart - 1] === "\n");
  if (isAlone) text.remove(lineStart, end + rest.length);
  else text.remove(start, end);
}

/** Keeps of `whole` only `part`. */
export function keepPart(text: MagicString, whole: Span, part: Span): void {
  if (whole.start < part.start) text.remove(whole.start, part.start);
  if (part.end < whole.end) text.remove(part.end, whole.end);
}

/** Puts a block's statements in the place of `whole`, moved out by what the block moved them in. */
export function unwrapBlock(
  text: MagicString,
  code: string,
  whole: Span,
  block: BlockStatement,
): void {
  const inner = code.slice(block.start + 1, block.end - 1);
  if (inner.trim() === "") {
    removeStatement(text, code, whole);
    return;
  }
  const start = block.start + 1 + (inner.length - inner.trimStart().length);
  const end = block.end - 1 - (inner.length - inner.trimEnd().length);
  keepPart(text, whole, { start, end });
  // What stands behind the block on its line must not end up in the block's last comment.
  if (!/^[ \t]*(?:\r?\n|$)/.test(code.slice(whole.end))) text.appendLeft(end, "\n");
  // A comment may stand behind the brace, on its line.
  const innerIndent = indentOf(code, block.body[0]?.start ?? start);
  cutIndent(text, code, { node: block, start, end }, innerIndent, indentOf(code, whole.start));
}

/** Moves the lines of a part that was kept of `whole` to where its last line says that it began. */
export function moveOut(text: MagicString, code: string, whole: Span, part: Node): void {
  const { start, end } = part;
  const last = /\n([ \t]*)[)\]}]+[,;]?$/.exec(code.slice(start, end))?.[1];
  if (last !== undefined)
    cutIndent(text, code, { node: part, start, end }, last, lineIndent(code, whole.start));
}

/** Moves lines out; the first stays where it is. */
function cutIndent(
  text: MagicString,
  code: string,
  { node, start, end }: Span & { readonly node: Node },
  inner: string,
  outer: string,
): void {
  if (!inner.startsWith(outer) || inner === outer) return;
  const fixed = fixedTexts(node);
  for (const { index, 0: lineEnd } of code.slice(start, end).matchAll(/\r?\n/g)) {
    const at = start + index + lineEnd.length;
    const isFixed = fixed.some((span) => span.start < at && at < span.end);
    if (!isFixed && code.startsWith(inner, at)) text.remove(at + outer.length, at + inner.length);
  }
}

/** The blanks with which the line of a place begins. */
function lineIndent(code: string, at: number): string {
  return /^[ \t]*/.exec(code.slice(code.lastIndexOf("\n", at - 1) + 1))?.[0] ?? "";
}

/** The blanks in front of a place, back to the start of its line; none when something precedes. */
export function indentOf(code: string, at: number): string {
  const lineStart = code.lastIndexOf("\n", at - 1) + 1;
  const before = code.slice(lineStart, at);
  return /^[ \t]*$/.test(before) ? before : "";
}

/** Texts whose line starts are part of the program. */
function fixedTexts(root: Node): Span[] {
  const spans: Span[] = [];
  walk(root, {
    enter(node) {
      if (node.type === "TemplateElement" || node.type === "JSXText" || node.type === "Literal") {
        spans.push({ start: node.start, end: node.end });
      }
    },
  });
  return spans;
}
