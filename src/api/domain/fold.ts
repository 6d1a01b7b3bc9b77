/** The state after one more row of the audit log. Pure. */

import { feature } from "bun:bundle";
import { ImmuconfigError } from "../../base/errors.ts";
import type { AuditRow } from "./audit_chain.ts";
import type { Action, Change } from "./change.ts";
import { ENVIRONMENT_FOLDS } from "./fold_environment.ts";
import { GOVERNANCE_FOLDS } from "./fold_governance.ts";
import { PEOPLE_FOLDS } from "./fold_people.ts";
import { ROLLOUT_FOLDS } from "./fold_rollout.ts";
import type { State } from "./state.ts";
import { isValuesAction, VARIANT_FOLDS, type VariantsChange } from "./variants.ts";

type Kind = Change["kind"];

/** What each kind of change makes of a state. */
export type Folds<Kinds extends Kind> = {
  readonly [Each in Kinds]: (
    state: State,
    change: Extract<Change, { readonly kind: Each }>,
    row: AuditRow,
  ) => State;
};

type VariantKind = VariantsChange["kind"];

const FOLDS: Folds<Exclude<Kind, VariantKind>> & Partial<Folds<VariantKind>> = {
  ...ENVIRONMENT_FOLDS,
  ...GOVERNANCE_FOLDS,
  ...PEOPLE_FOLDS,
  ...ROLLOUT_FOLDS,
  ...(feature("PREMIUM_TYPES") ? VARIANT_FOLDS : {}),
};

const PLAIN_ACTIONS = ["switch", "roll_out", "resume", "give_back", "end_two_persons"] as const;

/**
 * The state after one more row, which the caller has checked.
 *
 * @throws ImmuconfigError `ERR_FORMAT` for a kind of change, or of what is asked for, that this build does not know
 */
export function applyRow(state: State, row: AuditRow): State {
  const { sequence, time, digest, change } = row;
  if (!Object.hasOwn(FOLDS, change.kind)) {
    // To leave it out would give flags other values than were decided.
    throw unknownRow(sequence, change.kind);
  }
  if ("action" in change && !isKnown(change.action)) {
    throw unknownRow(sequence, `${change.kind} to ${change.action.kind}`);
  }
  // A kind and its change belong together, which an index of a union does not tell.
  const fold = FOLDS[change.kind] as (state: State, change: Change, row: AuditRow) => State;
  return { ...fold(state, change, row), head: { sequence, time, digest } };
}

/** What waits is done later: it must be what was asked for then, too. */
function isKnown(action: Action): boolean {
  if (feature("PREMIUM_TYPES") && isValuesAction(action)) return true;
  return PLAIN_ACTIONS.some((kind) => kind === action.kind);
}

function unknownRow(sequence: number, kind: string): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_FORMAT",
    `row ${sequence} of the audit log is a ${kind}, which this server does not know`,
    { hint: "Run the release that wrote it, or a later one, built with the same features." },
  );
}
