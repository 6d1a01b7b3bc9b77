/** Names that a rewrite would leave without a declaration. Pure. */

import type { Program } from "@oxc-project/types";
import { isReferenceIdentifier, walk } from "oxc-walker";
import { scopesOf } from "../source/syntax.ts";

/** A name that something uses, and where it stands first. */
export interface UsedName {
  readonly name: string;
  readonly start: number;
}

/**
 * What `after` uses and no longer declares: a `var` belongs to its whole function, and with it a
 * branch that goes may take the name of what stays.
 *
 * @returns places in `before`
 */
export function lostNames(before: Program, after: Program): UsedName[] {
  const known = freeNames(before);
  const lost = new Set([...freeNames(after)].filter((name) => !known.has(name)));
  const names: UsedName[] = [];
  if (lost.size === 0) return names;
  walk(before, {
    enter(node) {
      if (node.type !== "Identifier" || !lost.delete(node.name)) return;
      names.push({ name: node.name, start: node.start });
    },
  });
  return names;
}

/** The names that a program uses and does not declare. */
function freeNames(program: Program): Set<string> {
  const scopes = scopesOf(program);
  const free = new Set<string>();
  walk(program, {
    scopeTracker: scopes,
    enter(node, parent) {
      if (node.type !== "Identifier" || !isReferenceIdentifier(node, parent)) return;
      if (!scopes.isDeclared(node.name)) free.add(node.name);
    },
  });
  return free;
}
