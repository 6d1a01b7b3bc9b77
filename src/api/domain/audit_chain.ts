/**
 * The hash chain of the audit log: each row's digest covers the row and the digest before it, so a
 * row that is changed, taken out or put in breaks every digest after it.
 */

import { sha256 } from "../../base/digest.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { canonicalJson, isObject } from "../../base/json.ts";
import type { Change } from "./change.ts";

export interface AuditRow {
  /** 1 for the first row, without gaps. */
  readonly sequence: number;
  /** Milliseconds since 1970; never less than in the row before. */
  readonly time: number;
  /** Who did it: `token:ID`, or `server`. */
  readonly actor: string;
  readonly change: Change;
  /** SHA-256, 64 hex digits. */
  readonly digest: string;
}

/** What the next row builds on. */
export interface ChainHead {
  readonly sequence: number;
  readonly time: number;
  readonly digest: string;
}

export const EMPTY_CHAIN: ChainHead = { sequence: 0, time: 0, digest: "0".repeat(64) };

/** The row that follows `head`. A clock that went back does not take the log back with it. */
export function nextRow(head: ChainHead, actor: string, change: Change, now: number): AuditRow {
  const row = { sequence: head.sequence + 1, time: Math.max(now, head.time), actor, change };
  return { ...row, digest: digestOf(row, head) };
}

/**
 * Checks that a row follows `head`.
 *
 * @throws ImmuconfigError `ERR_FORMAT` naming the row and what is wrong with it
 */
export function checkRow(head: ChainHead, row: AuditRow): void {
  const { sequence } = row;
  if (sequence !== head.sequence + 1) {
    throw brokenChain(`row ${sequence} stands where row ${head.sequence + 1} belongs`);
  }
  if (row.time < head.time) throw brokenChain(`row ${sequence} is older than the one before it`);
  if (row.digest !== digestOf(row, head)) {
    throw brokenChain(`row ${sequence} is not the one whose digest was kept`);
  }
}

/**
 * The same for a row from outside.
 *
 * @returns what the next row follows
 * @throws ImmuconfigError `ERR_FORMAT`
 */
export function checkAuditRow(head: ChainHead, row: unknown): ChainHead {
  if (!isAuditRow(row)) throw brokenChain(`what follows row ${head.sequence} is no row`);
  checkRow(head, row);
  const { sequence, time, digest } = row;
  return { sequence, time, digest };
}

function isAuditRow(row: unknown): row is AuditRow {
  return (
    isObject(row) &&
    Object.keys(row).toSorted().join() === "actor,change,digest,sequence,time" &&
    Number.isSafeInteger(row["sequence"]) &&
    Number.isSafeInteger(row["time"]) &&
    typeof row["actor"] === "string" &&
    typeof row["digest"] === "string" &&
    isObject(row["change"])
  );
}

function digestOf(row: Omit<AuditRow, "digest">, head: ChainHead): string {
  const { sequence, time, actor, change } = row;
  const text = canonicalJson([head.digest, sequence, time, actor, change]);
  return sha256(text);
}

function brokenChain(what: string): ImmuconfigError {
  return new ImmuconfigError("ERR_FORMAT", `the audit log is broken: ${what}`, {
    hint: "Stop the server, keep the data as they are, and restore the last backup that verifies.",
  });
}
