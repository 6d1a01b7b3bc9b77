/** Finds reads of `Bun.config.…` that a build can replace by literals. */

import type { Node } from "oxc-parser";

/** `Bun.config.features.X` as `["features", "X"]`. */
export interface ConfigRead {
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
}

const GROUPS: ReadonlySet<string | undefined> = new Set(["features", "registry", "terminal"]);

/**
 * The path of a member expression that starts at the global `Bun.config`, if it is one. The
 * caller makes sure that `Bun` is not declared in the file.
 */
export function configPath(node: Node): string[] | undefined {
  const path: string[] = [];
  let current = node;
  while (current.type === "MemberExpression") {
    const key = memberName(current);
    if (key === undefined || current.optional) return undefined;
    path.unshift(key);
    current = current.object;
  }
  if (current.type !== "Identifier" || current.name !== "Bun" || path[0] !== "config") {
    return undefined;
  }
  const [, group, ...rest] = path;
  // Only whole values become literals, not the objects that hold them.
  const isValue = group === "version" ? rest.length === 0 : GROUPS.has(group) && rest.length === 1;
  return isValue ? path.slice(1) : undefined;
}

/** Whether a program writes to the place, so that a literal there would not parse. */
export function isWritten(node: Node, parent: Node | null): boolean {
  switch (parent?.type) {
    case "AssignmentExpression":
    case "AssignmentPattern":
    case "ForInStatement":
    case "ForOfStatement":
      return parent.left === node;
    case "UpdateExpression":
    case "ArrayPattern":
    case "RestElement":
      return true;
    case "UnaryExpression":
      return parent.operator === "delete";
    default:
      return false;
  }
}

function memberName(node: Extract<Node, { type: "MemberExpression" }>): string | undefined {
  const { property } = node;
  if (!node.computed) return property.type === "Identifier" ? property.name : undefined;
  return property.type === "Literal" && typeof property.value === "string"
    ? property.value
    : undefined;
}
