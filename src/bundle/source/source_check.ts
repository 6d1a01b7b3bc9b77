/** Every fault and warning of one source under one record. Pure. */

import type { BuildFlags } from "../flags/build_flags.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnoseScan } from "./flag_rules.ts";
import { scanSource } from "./scan.ts";

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
  record: BuildFlags,
  today: string,
): SourceCheck {
  const scan = scanSource(code, file);
  const diagnostics = diagnoseScan(scan, code, file, record, today);
  return {
    calls: scan.calls.map(({ name }) => name),
    errors: diagnostics.filter(({ severity }) => severity === "error"),
    warnings: diagnostics.filter(({ severity }) => severity === "warning"),
  };
}
