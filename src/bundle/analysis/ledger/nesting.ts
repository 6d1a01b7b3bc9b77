/** Which flags stand inside branches of others, so that what each removes does not add up. Pure. */

import type { Node } from "@oxc-project/types";
import { walk } from "oxc-walker";
import type { FlagSource } from "../../source/flag_source.ts";

/** Two names in ascending order. */
export type FlagPair = readonly [string, string];

/** The pairs of flags of which one is asked for in a branch of the other, or in one condition. */
export function nestedFlags(source: FlagSource): FlagPair[] {
  const pairs = new Map<string, FlagPair>();
  const outer: (readonly string[])[] = [];
  const add = (a: string, b: string): void => {
    if (a === b) return;
    const pair: FlagPair = a < b ? [a, b] : [b, a];
    pairs.set(pair.join(), pair);
  };
  walk(source.program, {
    enter(node) {
      if (isBranching(node)) {
        outer.push(flagsIn(node.test, source));
        return;
      }
      const name = source.flagOf(node);
      if (name !== undefined) for (const other of outer.flat()) add(other, name);
    },
    leave(node) {
      if (isBranching(node)) outer.pop();
    },
  });
  return [...pairs.values()];
}

/** Every flag that a source asks for. */
export function flagsOf(source: FlagSource): Set<string> {
  return new Set(flagsIn(source.program, source));
}

function flagsIn(root: Node, source: FlagSource): string[] {
  const names: string[] = [];
  walk(root, {
    enter(node) {
      const name = source.flagOf(node);
      if (name !== undefined) names.push(name);
    },
  });
  return names;
}

function isBranching(
  node: Node,
): node is Extract<Node, { type: "IfStatement" | "ConditionalExpression" }> {
  return node.type === "IfStatement" || node.type === "ConditionalExpression";
}
