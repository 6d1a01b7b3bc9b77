/** The checker's report as text. */

import { count } from "../../base/units.ts";
import type { CheckReport } from "./check.ts";
import { formatWithFix } from "./diagnostic.ts";

/** Whether the report must fail a build. */
export function hasErrors({ diagnostics }: CheckReport): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/**
 * One paragraph for each finding and a last line that counts them.
 *
 * @example
 * src/app.ts:3:5: error: feature used as a value: … [alias]
 *   Call it directly by its imported name, with one string: feature("NAME").
 * 1 error, 0 warnings in 12 files
 */
export function formatReport(report: CheckReport): string {
  const { diagnostics, files } = report;
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const lines = diagnostics.map((diagnostic) => {
    const { severity, message } = diagnostic;
    return `${formatWithFix({ ...diagnostic, message: `${severity}: ${message}` })}\n`;
  });
  const counts = [count(errors, "error"), count(diagnostics.length - errors, "warning")];
  return `${lines.join("")}${counts.join(", ")} in ${count(files.read, "file")}\n`;
}
