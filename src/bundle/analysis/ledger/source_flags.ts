/** Which flags a source asks for, and which of them inside branches of others: there, what each
 * removes does not add up. */

import type { IfStatement, Node } from "@oxc-project/types";
import { walk } from "oxc-walker";
import { Completion, statementList } from "../../source/completion.ts";
import { readSourceIfThere } from "../../../base/read_file.ts";
import { componentKind } from "../../source/component/script_parts.ts";
import { fastScan } from "../../source/fast_scan/fast_scan.ts";
import {
  type FlagSource,
  parseComponentSources,
  parseFlagSource,
} from "../../source/flag_source.ts";
import { languageOf } from "../../source/language.ts";
import { SOURCE_FILE, SOURCE_TEXT } from "../../source/needles.ts";

export interface SourceFlags {
  readonly flags: ReadonlySet<string>;
  readonly nested: readonly FlagPair[];
}

/**
 * @param path of a bundle's input, from the working folder
 * @returns nothing for a file that is neither script nor component, is not there, or asks for no flag
 */
export function readSourceFlags(path: string): SourceFlags | undefined {
  const kind = componentKind(path);
  if (kind === undefined && !SOURCE_FILE.test(path)) return undefined;
  const code = readSourceIfThere(path)?.toString();
  if (code === undefined || !SOURCE_TEXT.test(code)) return undefined;
  const lone = kind === undefined ? loneFlag(code, path) : undefined;
  if (lone !== undefined) return { flags: lone, nested: [] };
  const sources =
    kind === undefined ? [parseFlagSource(code, path)] : parseComponentSources(code, path, kind);
  return {
    flags: new Set(sources.flatMap((source) => flagsIn(source.program, source))),
    nested: sources.flatMap(nestedFlags),
  };
}

/**
 * Most sources ask for one flag, which is in no branch of another, and those need no tree.
 *
 * @returns nothing for a source with more flags, or one that the fast scan cannot tell
 */
function loneFlag(code: string, path: string): ReadonlySet<string> | undefined {
  const found = fastScan(code, languageOf(path));
  if (found === undefined) return undefined;
  const names = new Set(found.calls.map(({ name }) => name));
  return names.size > 1 ? undefined : names;
}

/** Two names in ascending order. */
export type FlagPair = readonly [string, string];

/**
 * The pairs of flags of which one is asked for in a branch of the other, behind a guard of the other
 * (`if (!feature("A")) return;`), or in one condition.
 */
function nestedFlags(source: FlagSource): FlagPair[] {
  const pairs = new Map<string, FlagPair>();
  const outer: (readonly string[])[] = [];
  const add = (a: string, b: string): void => {
    if (a === b) return;
    const pair: FlagPair = a < b ? [a, b] : [b, a];
    pairs.set(pair.join(), pair);
  };
  const guarded = new Map<Node, readonly string[]>();
  /** What stands behind a guard runs under its flags. */
  const markGuarded = (list: readonly Node[]): void => {
    const names = new Set<string>();
    for (const item of list) {
      if (names.size > 0) guarded.set(item, [...names]);
      if (item.type === "IfStatement" && mayLeave(item)) {
        for (const name of flagsIn(item.test, source)) names.add(name);
      }
    }
  };
  walk(source.program, {
    enter(node) {
      if (guarded.has(node)) outer.push(guarded.get(node) ?? []);
      const list = statementList(node);
      if (list !== undefined) markGuarded(list);
      if (isBranching(node)) {
        outer.push(flagsIn(node.test, source));
        return;
      }
      const name = source.flagOf(node);
      if (name !== undefined) for (const other of outer.flat()) add(other, name);
    },
    leave(node) {
      if (isBranching(node)) outer.pop();
      if (guarded.has(node)) outer.pop();
    },
  });
  return [...pairs.values()];
}

/** Whether one of its branches leaves the list. */
function mayLeave({ consequent, alternate }: IfStatement): boolean {
  const completion = new Completion(() => undefined);
  return [consequent, alternate].some((one) => one !== null && !completion.endsNormally(one));
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
