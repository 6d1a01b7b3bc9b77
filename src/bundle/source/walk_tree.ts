/** Walks a syntax tree quickly, past the types of TypeScript: they hold no uses and hide none. */

import type { Node, Program } from "@oxc-project/types";
import { visitorKeys } from "oxc-parser";

export interface TreeVisitor {
  /** @returns true to leave the node's children out */
  readonly enter: (node: Node, parent: Node | null, key: string) => boolean;
  readonly leave: (node: Node, parent: Node | null, key: string) => void;
}

const TYPE_KEYS: ReadonlySet<string> = new Set([
  "returnType",
  "superTypeArguments",
  "typeAnnotation",
  "typeArguments",
  "typeParameters",
]);
const TYPE_NODES: ReadonlySet<string> = new Set([
  "TSInterfaceDeclaration",
  "TSTypeAliasDeclaration",
]);

/** The keys below which a node's values stand, by its type. */
const valueKeys: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(visitorKeys).map(([type, keys]) => [
    type,
    TYPE_NODES.has(type) ? [] : keys.filter((key) => !TYPE_KEYS.has(key)),
  ]),
);

export function walkTree(program: Program, visitor: TreeVisitor): void {
  visit(program, null, "", visitor);
}

function visit(node: Node, parent: Node | null, key: string, visitor: TreeVisitor): void {
  if (!visitor.enter(node, parent, key)) {
    const values = node as unknown as Readonly<Record<string, unknown>>;
    for (const name of valueKeys.get(node.type) ?? []) {
      const child = values[name];
      if (Array.isArray(child)) {
        for (const item of child) if (isNode(item)) visit(item, node, name, visitor);
      } else if (isNode(child)) visit(child, node, name, visitor);
    }
  }
  visitor.leave(node, parent, key);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}
