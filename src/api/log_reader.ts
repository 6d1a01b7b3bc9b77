/** What the log holds after a state: read in pieces, checked, folded. */

import { ImmuconfigError } from "../base/errors.ts";
import type { Store } from "./db/store.ts";
import { type AuditRow, checkRow } from "./domain/audit_chain.ts";
import { applyRow } from "./domain/fold.ts";
import type { State } from "./domain/state.ts";

/** Rows read at once. */
export const LOAD_ROWS = 1000;

/**
 * Brings a state to the end of the log.
 *
 * @param took gets each piece, with the state after it
 * @throws ImmuconfigError `ERR_FORMAT` when the log is not the one that the state is of; what the store throws
 */
export async function catchUp(
  store: Store,
  from: State,
  took: (state: State, rows: readonly AuditRow[]) => void,
): Promise<void> {
  let state = from;
  for (let isLast = false; !isLast;) {
    const { sequence, digest } = state.head;
    // With the last row that is known: a log that lost it, or has another, is not this one.
    const found = await store.rows(Math.max(0, sequence - 1), LOAD_ROWS);
    const rows = sequence === 0 ? found : found.slice(1);
    if (sequence > 0 && found[0]?.digest !== digest) throw anotherLog(sequence, found[0]);
    state = foldChecked(state, rows);
    if (rows.length > 0) took(state, rows);
    isLast = found.length < LOAD_ROWS;
  }
}

/** @throws ImmuconfigError `ERR_FORMAT` */
export function foldChecked(state: State, rows: readonly AuditRow[]): State {
  let next = state;
  for (const row of rows) {
    checkRow(next.head, row);
    next = applyRow(next, row);
  }
  return next;
}

function anotherLog(sequence: number, found: AuditRow | undefined): ImmuconfigError {
  const how = found === undefined ? "has lost" : "has another";
  return new ImmuconfigError("ERR_FORMAT", `the database ${how} row ${sequence} of the audit log`, {
    hint: "Was an older copy put back? Look at the database, then start the server again: it goes on from what is there.",
  });
}
