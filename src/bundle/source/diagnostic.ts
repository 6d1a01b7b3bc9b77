/** What the checker and every adapter say about a source: one shape, one text. */

import { ImmuconfigError } from "../../base/errors.ts";
import { printable } from "../../base/text.ts";
import { type Position, positionsOf } from "./position.ts";

/** Stable names of the rules; docs/bundlers.md explains each. */
export type Rule =
  | "syntax"
  | "namespace-import"
  | "default-import"
  | "unknown-import"
  | "duplicate-import"
  | "import-attributes"
  | "re-export"
  | "dynamic-import"
  | "macro"
  | "require"
  | "alias"
  | "method-call"
  | "new"
  | "tagged-template"
  | "sequence-call"
  | "argument-count"
  | "argument-literal"
  | "position"
  | "unknown-flag"
  | "retired-flag"
  | "expired-flag"
  | "unused-flag"
  | "live-and-build";

/** A fault in one source, at offsets of its text. */
export interface Problem {
  readonly rule: Rule;
  /** UTF-16 code units from the start of the text. */
  readonly start: number;
  readonly message: string;
  /** What to write instead: one sentence. */
  readonly fix: string;
}

/** A fault where a person finds it. */
export interface Diagnostic extends Omit<Problem, "start">, Position {
  readonly severity: "error" | "warning";
  readonly file: string;
}

export function diagnose(
  problem: Problem,
  code: string,
  file: string,
  severity: Diagnostic["severity"] = "error",
  positions: (offset: number) => Position = positionsOf(code),
): Diagnostic {
  const { rule, message, fix } = problem;
  return { rule, severity, file, ...positions(problem.start), message, fix };
}

/** {@link diagnose} for many, of which a source may have any number: its lines are counted once. */
export function diagnoseAll(
  problems: readonly Problem[],
  code: string,
  file: string,
): Diagnostic[] {
  const positions = positionsOf(code);
  return problems.map((problem) => diagnose(problem, code, file, "error", positions));
}

/**
 * `src/app.ts:3:5: message [rule]`. The names of files and flags in it are the source's, which may
 * be anybody's.
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, message, rule } = diagnostic;
  return printable(`${file}:${line}:${column}: ${message} [${rule}]`);
}

/** The same, with what to write instead on a line below. */
export function formatWithFix(diagnostic: Diagnostic): string {
  return `${formatDiagnostic(diagnostic)}\n  ${printable(diagnostic.fix)}`;
}

/** A source that some bundler would get wrong (code `ERR_SOURCE`). */
export class SourceError extends ImmuconfigError {
  override readonly name = "SourceError";
  readonly diagnostics: readonly Diagnostic[];

  /** @param diagnostics at least one */
  constructor(diagnostics: readonly Diagnostic[]) {
    // Each fix stands below its fault: a hint would say one of them again.
    super("ERR_SOURCE", diagnostics.map(formatWithFix).join("\n"));
    this.diagnostics = diagnostics;
    // Some bundlers print the stack. Here it would only hide the place that counts.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/**
 * @returns the warnings
 * @throws SourceError `ERR_SOURCE` with every error, where there is one
 */
export function warningsOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new SourceError(errors);
  return diagnostics;
}
