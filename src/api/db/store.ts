/** Where the audit log and the pushed files are kept. Drivers know nothing of what they mean. */

import type { AuditRow, ChainHead } from "../domain/audit_chain.ts";

/** A key under which a change is made once. */
export interface Claim {
  /** Of who asks and their key: SHA-256, 64 hex digits. */
  readonly name: string;
  /** Of all that was sent: SHA-256, 64 hex digits. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly made: number;
  /** Milliseconds since 1970: from then on the key is free. */
  readonly ends: number;
}

/** A claim that was kept with its change. */
export interface KeptClaim extends Claim {
  /** The last row of the change. */
  readonly sequence: number;
  /** What was answered, as it was handed in; null where it may not be kept, or was lost. */
  readonly answer: string | null;
}

/** What one commit makes durable, whole or not at all. */
export interface Commit {
  /** The row before the first one here: the log must still end with it. */
  readonly after: Pick<ChainHead, "sequence" | "digest">;
  /** In order, without gaps. */
  readonly rows: readonly AuditRow[];
  /** Contents that the rows name, by their SHA-256 in hex. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  /** Kept with the rows; those that have ended are taken out. */
  readonly claims: readonly (Claim & Pick<KeptClaim, "sequence">)[];
}

export interface Store {
  /** At most `limit` rows after a sequence, in order. */
  rows(after: number, limit: number): Promise<readonly AuditRow[]>;
  /**
   * Resolves when the commit would survive a power cut.
   *
   * @throws ImmuconfigError `ERR_CONFLICT` when another writer was quicker, `ERR_WRITE` when the
   *   disk or the database refuses
   */
  append(commit: Commit): Promise<void>;
  /** @param digest SHA-256, 64 hex digits */
  blob(digest: string): Promise<Uint8Array | undefined>;
  /** What was kept under the names, ended or not. */
  claims(names: readonly string[]): Promise<readonly KeptClaim[]>;
  /** Adds the answer to a claim that was kept. */
  keepAnswer(name: string, answer: string): Promise<void>;
  /** Only where several servers have the same data. */
  readonly shared?: SharedStore;
  close(): Promise<void>;
}

/** What servers on one database need beside the log. */
export interface SharedStore {
  /**
   * Tells of commits, those of this server too. A commit may go untold while no connection is there.
   *
   * @param grown gets the last sequence of a commit; nothing when commits may have gone untold
   * @returns ends it
   */
  follow(grown: (sequence: number | undefined) => void): Promise<() => Promise<void>>;
  /** The public key with which all of them sign, in hex; nothing before the first. */
  onlineKey(): Promise<string | undefined>;
  /**
   * Keeps a key where none is.
   *
   * @param replaces whether it takes the place of another
   * @returns the one that is kept
   */
  keepOnlineKey(publicKey: string, replaces: boolean): Promise<string>;
}
