/** A parsed source whose flags can be looked up by node. */

import type { Node, Program } from "@oxc-project/types";
import type { FlagTruth, Truth } from "./condition.ts";
import { openComponent, scanComponent } from "./component/component.ts";
import type { ComponentKind } from "./component/script_parts.ts";
import { SOURCE_TEXT } from "./needles.ts";
import { scanTree, type TreeScan } from "./scan.ts";
import { type Language, languageOf } from "./language.ts";
import { parseSource, withinDepth } from "./parse.ts";

export interface FlagSource {
  readonly code: string;
  readonly program: Program;
  readonly scan: TreeScan;
  /** The flag that a node asks for: a `feature()` call, a read of `Bun.config.features` or of a view. */
  readonly flagOf: (node: Node) => string | undefined;
}

/**
 * @param file its extension tells the language
 * @param reads whether those of the imported views count, which a build leaves to the program
 */
export function parseFlagSource(
  code: string,
  file: string,
  reads: "replaced" | "all" = "replaced",
  language: Language = languageOf(file),
): FlagSource {
  const parsed = withinDepth(file, parseSource(file, code, false, language));
  const scan = scanTree(parsed);
  const flags = new Map<number, { readonly end: number; readonly name: string }>();
  for (const { name, start, end } of scan.calls) flags.set(start, { end, name });
  const views = reads === "all" ? [...scan.frozenReads, ...scan.liveReads] : [];
  for (const { name, start, end } of views) flags.set(start, { end, name });
  for (const { path, start, end } of scan.reads) {
    const [group, name] = path;
    if (group === "features" && name !== undefined) flags.set(start, { end, name });
  }
  return {
    code,
    program: parsed.program,
    scan,
    flagOf(node) {
      const flag = flags.get(node.start);
      return flag?.end === node.end ? flag.name : undefined;
    },
  };
}

/** The same of each script in a component that may ask for a flag; every place is the file's. */
export function parseComponentSources(
  code: string,
  file: string,
  kind: ComponentKind,
): FlagSource[] {
  const scanned = scanComponent(openComponent(code, kind), file, (text) => SOURCE_TEXT.test(text));
  return scanned.map(({ text, language }) => parseFlagSource(text, file, "replaced", language));
}

/** Looks a node's flag up in a table of states. */
export function truthOf(source: FlagSource, state: (name: string) => Truth): FlagTruth {
  return (node) => {
    const name = source.flagOf(node);
    return name === undefined ? undefined : state(name);
  };
}
