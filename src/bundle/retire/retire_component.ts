/** Takes a flag out of the scripts of a component. Pure. */

import { type Component, openComponent, scanComponent } from "../source/component/component.ts";
import { wordPattern } from "../source/component/markup_expressions.ts";
import type { ComponentKind } from "../source/component/script_parts.ts";
import { diagnose, diagnoseAll, type Problem, SourceError } from "../source/diagnostic.ts";
import type { Language } from "../source/language.ts";
import { parseSource } from "../source/parse.ts";
import { BUNDLE_MODULE, RECORD_MODULE, isConcerned } from "../source/needles.ts";
import { blankSpans, isInside, outermost, positionsOf, type Span } from "../source/position.ts";
import { flagUses, retireInSource, withoutFeature } from "./retire.ts";

/**
 * Rewrites the scripts of a component as if the flag had always been on, or off. The markup stays as it
 * is: what it says of the flag is for a person.
 *
 * @returns undefined when no script of it uses the flag
 * @throws SourceError `ERR_SOURCE` as `retireInSource`, at places of the file, and where another script
 * of the component would lose its import
 */
export function retireInComponent(
  code: string,
  file: string,
  kind: ComponentKind,
  { name, keep }: { readonly name: string; readonly keep: boolean },
): string | undefined {
  if (!isConcerned(code)) return undefined;
  refuseExcess(openComponent(code, kind), file, code);
  const retired = eachPart(code, kind, (script, whole) => {
    const { text, language, borrowed } = script;
    const after = inPlace(whole, script.part, () =>
      retireInSource(borrowed + text, file, name, keep, { language, mayUse: mayUse(script) }),
    );
    return after?.startsWith(borrowed) === true ? after.slice(borrowed.length) : undefined;
  });
  if (retired === code) return undefined;
  const result = eachPart(retired, kind, (script) =>
    withoutFeature(script.text, file, { language: script.language, mayUse: mayUse(script) }),
  );
  const component = openComponent(result, kind);
  refuseLost(openComponent(code, kind), component, file, code);
  refuseLeft(component, file, name, result);
  return result;
}

/**
 * What such a rewrite does not reach: the markup, and a script in another language. A comment reads
 * nothing.
 *
 * @returns the file, with blanks for all else
 */
export function beyondRetire(code: string, kind: ComponentKind): string {
  const scripts = openComponent(code, kind).modules.flatMap(({ parts }) => parts);
  const beyond = blankSpans(code, outermost(scripts));
  const comments = [...beyond.matchAll(/<!--[^]*?-->/g)].map(({ 0: text, index }) => ({
    start: index,
    end: index + text.length,
  }));
  return blankSpans(beyond, comments);
}

interface Script {
  readonly part: Span;
  readonly text: string;
  readonly language: Language;
  /** What of the file may use its names: the markup, and the scripts beside it. */
  readonly rest: string;
  /** Imports of flags that it has from the scripts beside it, in one line. */
  readonly borrowed: string;
}

/** @param change of one script's text, in the file as the scripts behind it are by now */
function eachPart(
  code: string,
  kind: ComponentKind,
  change: (script: Script, code: string) => string | undefined,
): string {
  let result = code;
  // From the last on, so that the places of the others stay.
  for (let index = scriptsOf(code, kind).length - 1; index >= 0; index--) {
    const script = scriptsOf(result, kind)[index];
    const after = script === undefined ? undefined : change(script, result);
    if (script === undefined || after === undefined) continue;
    result = result.slice(0, script.part.start) + after + result.slice(script.part.end);
  }
  return result;
}

function scriptsOf(code: string, kind: ComponentKind): Script[] {
  const { modules, markup } = openComponent(code, kind);
  return modules
    .flatMap(({ parts, language }) =>
      parts.map((part) => {
        const others = parts.filter((one) => one !== part).map((one) => textOf(code, one));
        const text = textOf(code, part);
        const rest = [markup, ...others].join("\n");
        return { part, text, language, rest, borrowed: borrowedBy(text, others, language) };
      }),
    )
    .toSorted((a, b) => a.part.start - b.part.start);
}

function textOf(code: string, { start, end }: Span): string {
  return code.slice(start, end);
}

function mayUse({ rest, borrowed }: Script): (name: string) => boolean {
  return (name) => wordPattern(name).test(rest) || wordPattern(name).test(borrowed);
}

function borrowedBy(text: string, others: readonly string[], language: Language): string {
  const own = new Set(flagImports(text, language).map(({ from }) => from));
  return others
    .flatMap((other) => flagImports(other, language))
    .filter(({ from }) => !own.has(from))
    .map((one) => one.text)
    .join("");
}

function flagImports(text: string, language: Language) {
  if (!isConcerned(text)) return [];
  return parseSource("", text, false, language).program.body.flatMap((node) => {
    if (node.type !== "ImportDeclaration") return [];
    const from = node.source.value;
    if (from !== BUNDLE_MODULE && !from.startsWith(RECORD_MODULE)) return [];
    return [
      {
        from,
        text: textOf(text, node)
          .replace(/[\r\n]+/g, " ")
          .replace(/;?$/, ";"),
      },
    ];
  });
}

/** The faults of a part, at the places of the whole. */
function inPlace<Result>(code: string, { start }: Span, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const { line, column } = positionsOf(code)(start);
    throw new SourceError(
      error.diagnostics.map((one) => ({
        ...one,
        line: one.line + line - 1,
        column: one.line === 1 ? one.column + column - 1 : one.column,
      })),
    );
  }
}

function problemsOf(component: Component, file: string): Problem[] {
  return scanComponent(component, file, isConcerned).flatMap(({ scan }) => scan.problems);
}

/** What is too much to be read is not without the flag. */
function refuseExcess(component: Component, file: string, code: string): void {
  if (component.excess === undefined) return;
  throw new SourceError(diagnoseAll(problemsOf(component, file), code, file));
}

/** A mistake that the component had not before is the rewrite's. */
function refuseLost(before: Component, after: Component, file: string, code: string): void {
  if (problemsOf(after, file).length <= problemsOf(before, file).length) return;
  const problem = {
    rule: "position" as const,
    start: 0,
    message: "its scripts would not go together any more",
    fix: "Take the flag out by hand, and run the command again.",
  };
  throw new SourceError([diagnose(problem, code, file)]);
}

/** A use that its part alone does not show, as where two scripts import it under two names. */
function refuseLeft(component: Component, file: string, name: string, code: string): void {
  const parts = component.modules.flatMap((module) => module.parts);
  const left = scanComponent(component, file, isConcerned)
    .flatMap(({ scan }) => flagUses(scan, name))
    .find((use) => isInside(use, parts));
  if (left === undefined) return;
  const problem = {
    rule: "position" as const,
    start: left.start,
    message: `a use of ${name} cannot be taken out`,
    fix: "Rewrite it by hand, and run the command again.",
  };
  throw new SourceError([diagnose(problem, code, file)]);
}
