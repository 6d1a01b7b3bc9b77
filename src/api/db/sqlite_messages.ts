/** What the SQLite store and its worker say to each other. */

import type { AuditRow } from "../domain/audit_chain.ts";
import type { Commit, KeptClaim } from "./store.ts";

export type SqliteRequest =
  | { readonly kind: "open"; readonly path: string }
  | { readonly kind: "rows"; readonly after: number; readonly limit: number }
  | { readonly kind: "append"; readonly commit: Commit }
  | { readonly kind: "blob"; readonly digest: string }
  | { readonly kind: "claims"; readonly names: readonly string[] }
  | { readonly kind: "answer"; readonly name: string; readonly answer: string }
  | { readonly kind: "close" };

export type SqliteAnswer = readonly AuditRow[] | readonly KeptClaim[] | Uint8Array | undefined;

export interface SqliteReply {
  /** Of the request. */
  readonly id: number;
  readonly answer?: SqliteAnswer;
  readonly failure?: {
    readonly code: "ERR_BUSY" | "ERR_CONFLICT" | "ERR_WRITE";
    readonly message: string;
  };
}
