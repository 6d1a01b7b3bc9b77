/** Every fault and warning of one source under one record. Pure. */

import type { BuildRecord } from "./build_record.ts";
import { type Diagnostic, diagnose } from "./diagnostic.ts";
import { flagWarning } from "./flag_rules.ts";
import { scanSource } from "./scan.ts";
import { flagErrors, flagUses } from "./transform.ts";

export interface SourceCheck {
  /** The flag of each `feature()` call. */
  readonly calls: readonly string[];
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

/** @param today `YYYY-MM-DD`, UTC */
export function checkSource(
  code: string,
  file: string,
  record: BuildRecord,
  today: string,
): SourceCheck {
  const scan = scanSource(code, file);
  const problems = [...scan.problems, ...flagErrors(scan, record)].toSorted(
    (a, b) => a.start - b.start,
  );
  return {
    calls: scan.calls.map(({ name }) => name),
    errors: problems.map((problem) => diagnose(problem, code, file)),
    warnings: flagUses(scan).flatMap(({ name, start }) => {
      const warning = flagWarning(name, start, record, today);
      return warning === undefined ? [] : [diagnose(warning, code, file, "warning")];
    }),
  };
}
