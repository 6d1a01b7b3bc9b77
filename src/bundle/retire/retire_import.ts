/** Takes the import of `feature` out of a source. */

import type { ImportDeclaration } from "@oxc-project/types";
import type { MagicString } from "magic-string";

/** @param node an import of `bun:bundle`; its types stay */
export function removeFeatureImport(
  text: MagicString,
  code: string,
  node: ImportDeclaration,
): void {
  const types = node.specifiers.filter(
    (one) => one.type === "ImportSpecifier" && one.importKind === "type",
  );
  if (types.length > 0) {
    const names = types.map(({ start, end }) => code.slice(start, end)).join(", ");
    const [first] = node.specifiers;
    const last = node.specifiers.at(-1);
    if (first !== undefined && last !== undefined) text.update(first.start, last.end, names);
    return;
  }
  const lineEnd = /^[ \t]*(?:\r?\n)?/.exec(code.slice(node.end))?.[0].length ?? 0;
  const isFirst = code.slice(0, node.start).trim() === "";
  // A blank line behind the first import belongs to it.
  const blank = isFirst
    ? (/^(?:[ \t]*\r?\n)*/.exec(code.slice(node.end + lineEnd))?.[0] ?? "")
    : "";
  text.remove(node.start, node.end + lineEnd + blank.length);
}
