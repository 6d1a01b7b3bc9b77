/** Semicolons that a source leaves out: a rewrite may put something behind a line that would go on
 * with it. Pure. */

import type { Node, Program } from "@oxc-project/types";
import { MagicString } from "magic-string";
import { walk } from "oxc-walker";

export interface ClosedSource {
  /** With each semicolon that was left out, and the mark before it. */
  readonly code: string;
  readonly mark: string;
}

/**
 * Ends with a semicolon what ends with its line.
 *
 * @returns undefined when the source leaves none out
 */
export function closeStatements(code: string, program: Program): ClosedSource | undefined {
  let mark = "/*;*/";
  while (code.includes(mark)) mark = mark.replace(";", ";;");
  const text = new MagicString(code);
  walk(program, {
    enter(node, parent) {
      if (isOpen(node, parent) && code[node.end - 1] !== ";") text.appendLeft(node.end, `${mark};`);
    },
  });
  return text.hasChanged() ? { code: text.toString(), mark } : undefined;
}

const BLANK = /(?:\s|\/\/.*|\/\*[^]*?\*\/)*/y;
/** What a statement can begin with, and an expression go on with. */
const GOES_ON = /(?:[([`/<*]|\+(?!\+)|-(?!-))/y;

/** Takes the semicolons of `closeStatements` out again, but for those that are needed by now. */
export function openStatements({ code, mark }: ClosedSource): string {
  const parts = code.split(`${mark};`);
  let result = parts[0] ?? "";
  let at = result.length;
  for (const part of parts.slice(1)) {
    at += mark.length + 1;
    result += isNeeded(code, at) ? `;${part}` : part;
    at += part.length;
  }
  return result;
}

/** Whether the statement in front of a place would not end there by itself. */
function isNeeded(code: string, at: number): boolean {
  BLANK.lastIndex = at;
  const blank = BLANK.exec(code)?.[0] ?? "";
  const next = at + blank.length;
  if (next === code.length || code[next] === "}") return false;
  GOES_ON.lastIndex = next;
  return !/[\n\r\u2028\u2029]/.test(blank) || GOES_ON.test(code);
}

/** What a semicolon ends, or else the line. */
function isOpen(node: Node, parent: Node | null): boolean {
  switch (node.type) {
    case "ExpressionStatement":
    case "PropertyDefinition":
    case "AccessorProperty":
    case "ThrowStatement":
      return true;
    case "ReturnStatement":
      return node.argument !== null;
    case "VariableDeclaration":
      return parent === null || !("body" in parent) || isIn(parent.body, node);
    case "ExportDefaultDeclaration":
      return !node.declaration.type.endsWith("Declaration");
    default:
      return false;
  }
}

/** Whether a declaration is, or stands in, a body: not in the head of a loop. */
function isIn(body: unknown, node: Node): boolean {
  return body === node || (Array.isArray(body) && body.includes(node));
}
