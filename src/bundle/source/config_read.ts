/** Reads of the record's values: `Bun.config.…`, which a build replaces, and the imported views. */

import type { Node } from "@oxc-project/types";
import { stringOf } from "./syntax.ts";

/** A read of `Bun.config`, of a group in it, or of a value. */
export interface ConfigRead {
  /** `Bun.config.features.X` is `["features", "X"]`, `Bun.config` itself `[]`. */
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** `config.features.X` or `live.features.X` of an imported view: decided while the program runs. */
export interface ViewRead {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const GROUPS: ReadonlySet<string | undefined> = new Set(["features", "registry", "terminal"]);

/** Names of a path behind its first: nobody asks for longer ones. */
const PATH_SIZE_MAX = 4;

/** `a.b["c"]` as `["a", "b", "c"]`; nothing for other expressions. */
export function memberPath(node: Node): string[] | undefined {
  const path: string[] = [];
  let current = node;
  while (current.type === "MemberExpression") {
    if (path.length === PATH_SIZE_MAX) return undefined;
    const key = memberName(current);
    if (key === undefined || current.optional) return undefined;
    path.unshift(key);
    current = current.object;
  }
  return current.type === "Identifier" ? [current.name, ...path] : undefined;
}

/**
 * The path below `Bun.config` that a read asks for. The caller makes sure that `Bun` is not declared
 * in the file.
 *
 * @param parent of the read: where it is a longer path to a value or a group, that is the read
 */
export function configPath(path: readonly string[], parent: Node | null): string[] | undefined {
  const [root, config, group, ...rest] = path;
  if (root !== "Bun" || config !== "config") return undefined;
  if (isValue(group, rest)) return path.slice(2);
  const isObject = rest.length === 0 && (group === undefined || GROUPS.has(group));
  const longer = parent?.type === "MemberExpression" ? memberPath(parent) : undefined;
  if (!isObject || (longer !== undefined && configPath(longer, null) !== undefined))
    return undefined;
  return path.slice(2);
}

function isValue(group: string | undefined, rest: readonly string[]): boolean {
  return group === "version" ? rest.length === 0 : GROUPS.has(group) && rest.length === 1;
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
  if (node.computed) return stringOf(property);
  return property.type === "Identifier" ? property.name : undefined;
}
