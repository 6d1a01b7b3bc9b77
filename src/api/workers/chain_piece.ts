/** A piece of the audit log as a task: its rows, and what the first one follows. */

import type { AuditRow, ChainHead } from "../domain/audit_chain.ts";

interface ChainPiece {
  readonly head: ChainHead;
  readonly rows: readonly unknown[];
}

export function writeChainPiece(head: ChainHead, rows: readonly AuditRow[]): Uint8Array {
  const { sequence, time, digest } = head;
  return new TextEncoder().encode(JSON.stringify({ head: { sequence, time, digest }, rows }));
}

export function readChainPiece(bytes: Uint8Array): ChainPiece {
  return JSON.parse(new TextDecoder().decode(bytes)) as ChainPiece;
}
