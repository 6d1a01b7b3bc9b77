/** Imports of a source whose attributes say that they are no code. Pure. */

import { walk } from "oxc-walker";
import type { Node } from "@oxc-project/types";
import { quote } from "../../base/text.ts";
import type { Problem } from "./diagnostic.ts";
import { parseSource, withinDepth } from "./parse.ts";
import { nameOf, stringOf } from "./syntax.ts";

const ATTRIBUTES = /\bwith\s*(?::\s*)?\{/;

/** Whether a source may have such an import: a quick look. */
export function mayHaveTypes(bytes: Buffer): boolean {
  return bytes.includes("with") && ATTRIBUTES.test(bytes.toString("latin1"));
}

interface TypedImport {
  readonly specifier: string;
  readonly type: string;
  /** Of the whole import, in UTF-16 code units. */
  readonly start: number;
}

/** @returns the imports with a `type` */
export function typedImports(code: string, file: string): TypedImport[] {
  const found: TypedImport[] = [];
  const { program, errors } = withinDepth(file, parseSource(file, code));
  // The bundler says itself what does not parse.
  if (errors.length > 0) return found;
  walk(program, {
    enter(node) {
      const specifier = "source" in node ? stringOf(node.source) : undefined;
      const type = typeOf(node);
      if (specifier === undefined || type === undefined) return;
      found.push({ specifier, type, start: node.start });
    },
  });
  return found;
}

function typeOf(node: Node): string | undefined {
  switch (node.type) {
    // Of an export, Bun does not heed them.
    case "ImportDeclaration":
      return node.attributes.find(({ key }) => nameOf(key) === "type")?.value.value;
    case "ImportExpression":
      return stringOf(memberOf(memberOf(node.options, "with"), "type"));
    default:
      return undefined;
  }
}

/** Of `{ name: … }`. */
function memberOf(node: Node | null | undefined, name: string): Node | undefined {
  if (node?.type !== "ObjectExpression") return undefined;
  for (const one of node.properties) {
    if (one.type === "Property" && nameOf(one.key) === name) return one.value;
  }
  return undefined;
}

/** A macro runs while Bun reads its importer, before there are flags: each is off in it. */
export function macroProblem(start: number, specifier: string): Problem {
  return {
    rule: "macro",
    start,
    message: `${quote(specifier)} asks for flags, and a macro gets none: each is off in it`,
    fix: 'Ask for the flag where the macro is called: feature("NAME") ? forOn() : forOff().',
  };
}
