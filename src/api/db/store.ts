/** Where the audit log and the pushed files are kept. Drivers know nothing of what they mean. */

import type { AuditRow } from "../domain/audit_chain.ts";

/** What one commit makes durable, whole or not at all. */
export interface Commit {
  /** The sequence of the row before the first one here: the log must still end there. */
  readonly after: number;
  /** In order, without gaps. */
  readonly rows: readonly AuditRow[];
  /** Contents that the rows name, by their SHA-256 in hex. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

export interface Store {
  /** At most `limit` rows after a sequence, in order. */
  rows(after: number, limit: number): Promise<readonly AuditRow[]>;
  /**
   * Resolves when the commit would survive a power cut.
   *
   * @throws ImmuconfigError `ERR_CONFLICT` when another writer was quicker, `ERR_WRITE` when the
   *   disk or the database refuses; nothing is kept then
   */
  append(commit: Commit): Promise<void>;
  /** @param digest SHA-256, 64 hex digits */
  blob(digest: string): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}
