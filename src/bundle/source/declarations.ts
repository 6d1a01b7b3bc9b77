/** What a source declares without doing anything, and where each name stands: what may be left of a flag. Pure. */

import type { Declaration, Expression, Node, Program } from "@oxc-project/types";
import { walk } from "oxc-walker";
import { statementList } from "./completion.ts";
import { isInside, type Span, spanLookup } from "./position.ts";
import { nameOf } from "./syntax.ts";

interface Declared {
  readonly span: Span;
  readonly names: readonly string[];
  /** What other modules call them; none for what is not exported. */
  readonly exported: readonly string[];
}

export interface Declarations {
  readonly declared: readonly Declared[];
  /** Where each name stands, but for lists of exports. */
  readonly places: ReadonlyMap<string, readonly number[]>;
}

/** A longer chain of uses is given up, and all of it taken to live. */
const ROUNDS_MAX = 100;

/** Every export of a module, whatever its name. */
export const ALL = "*";

export function readDeclarations(program: Program): Declarations {
  const places = new Map<string, number[]>();
  const declared: Declared[] = [];
  const lists = exportLists(program);
  const add = (node: Node, declaration: Node, isExported = false): void => {
    const names = isInert(declaration) ? declaredNames(declaration) : [];
    if (names.length === 0) return;
    const exported = names.flatMap((name) => lists.get(name) ?? []);
    declared.push({ span: node, names, exported: isExported ? [...names, ...exported] : exported });
  };
  walk(program, {
    enter(node) {
      if (node.type === "Identifier" || node.type === "JSXIdentifier") {
        const found = places.get(node.name);
        if (found === undefined) places.set(node.name, [node.start]);
        else found.push(node.start);
      } else if (node.type === "ExportNamedDeclaration") {
        if (node.declaration === null) {
          this.skip(); // the walker's word: do not enter this node
          return;
        }
        add(node, node.declaration, true);
      }
      for (const item of statementList(node) ?? []) add(item, item);
    },
  });
  return { declared, places };
}

/**
 * The declarations that only dead code uses. A name counts as used wherever it stands.
 *
 * @param dead parts of the source
 * @param exports names that other modules use, or `ALL`
 */
export function deadDeclarations(
  { declared, places }: Declarations,
  dead: readonly Span[],
  exports: ReadonlySet<string>,
): Span[] {
  // What `eval` asks for cannot be told.
  if (declared.length === 0 || places.has("eval")) return [];
  const isKept = (names: readonly string[]): boolean =>
    names.length > 0 && (exports.has(ALL) || names.some((name) => exports.has(name)));
  const isDead = spanLookup(dead);
  let found = declared
    .filter(({ span, exported }) => !isKept(exported) && !isInside(span, dead))
    .map(({ span: { start, end }, names }) => ({
      start,
      end,
      uses: names.flatMap((name) => places.get(name) ?? []).filter((at) => !isDead(at)),
    }));
  // Those that use one another are dead together, so what lives is taken away until none is left.
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const isFound = spanLookup(found);
    const next = found.filter(({ uses }) => uses.every(isFound));
    if (next.length === found.length) return next.map(({ start, end }) => ({ start, end }));
    found = next;
  }
  return [];
}

/** The outer names of what `export { name as outer }` hands out. */
function exportLists({ body }: Program): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const node of body) {
    if (node.type !== "ExportNamedDeclaration" || node.source !== null) continue;
    for (const { local, exported } of node.specifiers) {
      const name = nameOf(local);
      lists.set(name, [...(lists.get(name) ?? []), nameOf(exported)]);
    }
  }
  return lists;
}

/** What a declaration declares. */
export function declaredNames(declaration: Node): string[] {
  if (declaration.type !== "VariableDeclaration") {
    return "id" in declaration && declaration.id?.type === "Identifier"
      ? [declaration.id.name]
      : [];
  }
  const names: string[] = [];
  for (const { id } of declaration.declarations) {
    walk(id, {
      enter(node) {
        if (node.type === "Identifier") names.push(node.name);
      },
    });
  }
  return names;
}

/** Whether making it does nothing else: what does something is no flag's alone. */
function isInert(node: Node | Declaration): boolean {
  switch (node.type) {
    case "FunctionDeclaration":
    case "TSEnumDeclaration":
      return true;
    case "ClassDeclaration":
      return (
        node.decorators.length === 0 &&
        (node.superClass === null || node.superClass.type === "Identifier") &&
        node.body.body.every(isInertMember)
      );
    case "VariableDeclaration":
      return (
        (node.kind === "const" || node.kind === "let" || node.kind === "var") &&
        node.declarations.every(
          ({ id, init }) => id.type === "Identifier" && (init === null || isInertValue(init)),
        )
      );
    default:
      return false;
  }
}

function isInertMember(member: Node): boolean {
  if (member.type === "StaticBlock") return false;
  if ("computed" in member && member.computed) return false;
  if ("decorators" in member && member.decorators.length > 0) return false;
  if (member.type !== "PropertyDefinition" || !member.static) return true;
  return member.value === null || isInertValue(member.value);
}

function isInertValue(value: Expression): boolean {
  switch (value.type) {
    case "Literal":
    case "Identifier":
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return true;
    case "TemplateLiteral":
      return value.expressions.every((part) => part.type === "Literal");
    case "ArrayExpression":
      return value.elements.every(
        (item) => item === null || (item.type !== "SpreadElement" && isInertValue(item)),
      );
    case "ObjectExpression":
      return value.properties.every(
        (item) => item.type === "Property" && !item.computed && isInertValue(item.value),
      );
    case "UnaryExpression":
      return value.operator !== "delete" && value.argument.type === "Literal";
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return isInertValue(value.expression);
    default:
      return false;
  }
}
