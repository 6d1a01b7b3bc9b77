/** Takes a flag out of the scripts of a component. Pure. */

import { type Component, openComponent, scanComponent } from "../source/component/component.ts";
import { wordPattern } from "../source/component/markup_expressions.ts";
import type { ComponentKind } from "../source/component/script_parts.ts";
import { diagnose, SourceError } from "../source/diagnostic.ts";
import { RECORD_MODULE, SOURCE_TEXT } from "../source/needles.ts";
import { positionsOf, type Span } from "../source/position.ts";
import { retireInSource } from "./retire.ts";

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
  const component = openComponent(code, kind);
  let result = code;
  // From the last on, so that the places of the others stay.
  for (const { part, language, rest } of partsOf(component, code).toReversed()) {
    const text = code.slice(part.start, part.end);
    const mayUse = (local: string): boolean => wordPattern(local).test(rest);
    const after = inPlace(code, part, () =>
      retireInSource(text, file, name, keep, { language, mayUse }),
    );
    if (after !== undefined) result = result.slice(0, part.start) + after + result.slice(part.end);
  }
  if (result === code) return undefined;
  refuseLost(component, openComponent(result, kind), file, code);
  return result;
}

/** Each script of it, and what stands beside it. */
function partsOf({ modules, markup }: Component, code: string) {
  return modules
    .flatMap(({ parts, language }) =>
      parts.map((part) => {
        const others = parts.filter((one) => one !== part);
        const rest = [markup, ...others.map(({ start, end }) => code.slice(start, end))].join("\n");
        return { part, language, rest };
      }),
    )
    .toSorted((a, b) => a.part.start - b.part.start);
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

/** A mistake that the component had not before is the rewrite's. */
function refuseLost(before: Component, after: Component, file: string, code: string): void {
  const problems = (component: Component) =>
    scanComponent(component, file, isOurs).flatMap(({ scan }) => scan.problems);
  if (problems(after).length <= problems(before).length) return;
  const problem = {
    rule: "position" as const,
    start: 0,
    message: "its scripts would not go together any more",
    fix: "Take the flag out by hand, and run the command again.",
  };
  throw new SourceError([diagnose(problem, code, file)]);
}

function isOurs(text: string): boolean {
  return SOURCE_TEXT.test(text) || text.includes(RECORD_MODULE);
}
