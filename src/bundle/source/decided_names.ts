/** Constants that flags decide, such as `const isNew = feature("X") ? true : false;`. Pure. */

import type { Node, Program } from "@oxc-project/types";
import { isReferenceIdentifier } from "oxc-walker";
import { exact, type FlagTruth, type Truth } from "./condition.ts";
import type { FlagSource } from "./flag_source.ts";
import { isInside, type Span } from "./position.ts";
import { walkTree } from "./walk_tree.ts";

interface Constant {
  readonly name: string;
  readonly init: Node;
  /** Where the name means it. */
  readonly scope: Span;
}

/**
 * The same truth, with that of constants of the source that flags decide. A name that is declared twice
 * anywhere in the source is not followed, nor is one that another module imports.
 */
export function withDecidedNames({ program, scan }: FlagSource, flagTruth: FlagTruth): FlagTruth {
  if (scan.calls.length === 0 && scan.reads.length === 0) return flagTruth;
  const decided = new Map<string, { readonly truth: Truth; readonly scope: Span }>();
  const truth = (node: Node): Truth => {
    const known = node.type === "Identifier" ? decided.get(node.name) : undefined;
    return known !== undefined && isInside(node, [known.scope]) ? known.truth : flagTruth(node);
  };
  for (const { name, init, scope } of constantsOf(program)) {
    // What is so without any flag is no matter of theirs.
    if (exact(init, () => undefined) !== undefined) continue;
    const known = exact(init, truth);
    if (known !== undefined) decided.set(name, { truth: known, scope });
  }
  return truth;
}

const SCOPES: ReadonlySet<string> = new Set([
  "Program",
  "BlockStatement",
  "StaticBlock",
  "SwitchStatement",
  "TSModuleBlock",
  "ForStatement",
]);

/** In the order of the text. */
function constantsOf(program: Program): Constant[] {
  const constants: Constant[] = [];
  const declared = new Map<string, number>();
  const scopes: Node[] = [];
  walkTree(program, {
    enter(node, parent, key) {
      if (SCOPES.has(node.type)) scopes.push(node);
      if (node.type === "VariableDeclaration" && node.kind === "const") {
        for (const { id, init } of node.declarations) {
          if (id.type !== "Identifier" || init === null) continue;
          constants.push({ name: id.name, init, scope: scopes.at(-1) ?? program });
        }
      } else if (node.type === "Identifier" && isDeclaring(node, parent, key)) {
        declared.set(node.name, (declared.get(node.name) ?? 0) + 1);
      }
      return false;
    },
    leave(node) {
      if (SCOPES.has(node.type)) scopes.pop();
    },
  });
  return constants.filter(({ name }) => declared.get(name) === 1);
}

/** Whether a name may declare something: one that is neither read nor the name of a property. */
function isDeclaring(node: Node, parent: Node | null, key: string): boolean {
  if (parent === null || key === "exported" || key === "label") return false;
  if (parent.type === "MemberExpression") return false;
  if (key === "key" && "computed" in parent && !parent.computed) return false;
  return !isReferenceIdentifier(node, parent);
}
