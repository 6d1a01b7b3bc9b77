/** Imports that nothing uses any more when a branch is gone. Pure. */

import type { ImportDeclaration, ImportDeclarationSpecifier, Program } from "@oxc-project/types";
import type { MagicString } from "magic-string";
import { isReferenceIdentifier, ScopeTrackerImport, walk } from "oxc-walker";
import { scopesOf } from "../source/syntax.ts";

/** Names that JSX may mean without saying so. */
const JSX_NAMES: ReadonlySet<string> = new Set(["React", "h", "Fragment", "createElement"]);

/**
 * The names that the imports of a program bring in and that something in it uses, as a value or as a
 * type.
 */
export function usedImports(program: Program): Set<string> {
  const scopes = scopesOf(program);
  const used = new Set<string>();
  walk(program, {
    scopeTracker: scopes,
    enter(node, parent) {
      if (node.type !== "Identifier" && node.type !== "JSXIdentifier") {
        if (node.type === "JSXElement" || node.type === "JSXFragment") {
          for (const name of JSX_NAMES) used.add(name);
        }
        return;
      }
      if (!isReferenceIdentifier(node, parent, { mode: "all" })) return;
      const declaration = scopes.getDeclaration(node.name);
      // A type has a scope of its own, which is not known: its name is enough.
      const isShadowed =
        declaration !== null && !(declaration instanceof ScopeTrackerImport) && !isType(parent);
      if (!isShadowed) used.add(node.name);
    },
  });
  return used;
}

function isType(parent: { readonly type: string } | null): boolean {
  return parent?.type.startsWith("TS") === true;
}

/**
 * Takes names out of the imports of a program, and an import with its last name.
 *
 * @param remove takes a whole declaration out
 */
export function removeImports(
  text: MagicString,
  code: string,
  program: Program,
  names: ReadonlySet<string>,
  remove: (node: ImportDeclaration) => void,
): void {
  for (const node of program.body) {
    if (node.type !== "ImportDeclaration") continue;
    const gone = node.specifiers.filter(({ local }) => names.has(local.name));
    if (gone.length === 0) continue;
    if (gone.length === node.specifiers.length) remove(node);
    else removeSpecifiers(text, code, node.specifiers, new Set(gone));
  }
}

function removeSpecifiers(
  text: MagicString,
  code: string,
  specifiers: readonly ImportDeclarationSpecifier[],
  gone: ReadonlySet<ImportDeclarationSpecifier>,
): void {
  const named = specifiers.filter(({ type }) => type === "ImportSpecifier");
  const [first] = specifiers;
  const [firstNamed] = named;
  const lastNamed = named.at(-1);
  if (first === undefined) return;
  if (firstNamed === undefined || lastNamed === undefined) {
    // `import a, * as b`: the one that stays.
    const second = specifiers[1];
    if (second === undefined) return;
    if (gone.has(first)) text.remove(first.start, code.lastIndexOf("*", second.start));
    else text.remove(first.end, second.end);
    return;
  }
  const open = code.lastIndexOf("{", firstNamed.start);
  const isNamedGone = named.every((one) => gone.has(one));
  if (isNamedGone) {
    text.remove(first.end, code.indexOf("}", lastNamed.end) + 1);
    return;
  }
  if (first !== firstNamed && gone.has(first)) text.remove(first.start, open);
  const kept = named.filter((one) => !gone.has(one));
  for (const [index, one] of named.entries()) {
    if (!gone.has(one)) continue;
    const next = named[index + 1];
    const before = named[index - 1];
    // Behind the last that stays, the comma in front goes with it.
    if (next !== undefined && kept.some(({ start }) => start > one.start))
      text.remove(one.start, next.start);
    else if (before !== undefined) text.remove(before.end, one.end);
  }
}
