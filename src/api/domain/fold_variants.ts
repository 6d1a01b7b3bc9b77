/** What changes of values make of a state. Part of a server that is built with PREMIUM_TYPES. Pure. */

import type { AuditRow } from "./audit_chain.ts";
import type { Folds } from "./fold.ts";
import { inEnvironment } from "./fold_environment.ts";
import type { State } from "./state.ts";
import { applyVariants, type VariantsChange } from "./variants.ts";

export const VARIANT_FOLDS: Folds<VariantsChange["kind"]> = {
  "variants.set": fold,
  "variants.cleared": fold,
};

function fold(state: State, change: VariantsChange, row: AuditRow): State {
  return inEnvironment(state, change, row, (environment) => ({
    ...environment,
    variants: applyVariants(environment, change, row.sequence),
  }));
}
