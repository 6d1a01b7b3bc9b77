/**
 * The one writer of a SQLite database, in a thread of its own: bun:sqlite waits for the disk inside
 * of each call.
 */

import { messageOf } from "../../base/errors.ts";
import { Database } from "bun:sqlite";
import type { AuditRow } from "../domain/audit_chain.ts";
import type { Change } from "../domain/change.ts";
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

declare const self: Worker;

interface StoredRow {
  sequence: number;
  time: number;
  actor: string;
  change: string;
  digest: string;
}

class Conflict extends Error {}

let database: Database | undefined;

/**
 * WAL with `synchronous = FULL` is the first setting that loses no commit in a power cut. The
 * exclusive lock keeps a second server out of the folder.
 */
const OPENING = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS audit (
    sequence INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    actor TEXT NOT NULL,
    change TEXT NOT NULL,
    digest TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS content (
    digest TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS claim (
    name TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    made INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    answer TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS claim_ends ON claim (ends);
`;

function open(path: string): void {
  const connection = new Database(path, { create: true, strict: true });
  connection.run(OPENING);
  database = connection;
}

function opened(): Database {
  if (database === undefined) throw new Error("the database is not open");
  return database;
}

function rows(after: number, limit: number): AuditRow[] {
  const found = opened()
    .query<StoredRow, [number, number]>(
      "SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
    )
    .all(after, limit);
  return found.map((row) => ({ ...row, change: JSON.parse(row.change) as Change }));
}

function append({ after, rows: added, blobs, claims: claimed }: Commit): void {
  const connection = opened();
  const last = connection.query<{ last: number }, []>(
    "SELECT coalesce(max(sequence), 0) AS last FROM audit",
  );
  const endClaims = connection.query("DELETE FROM claim WHERE ends <= ?");
  const addClaim = connection.query("INSERT INTO claim VALUES (?, ?, ?, ?, ?, NULL)");
  const addContent = connection.query("INSERT OR IGNORE INTO content VALUES (?, ?)");
  const addRow = connection.query("INSERT INTO audit VALUES (?, ?, ?, ?, ?)");
  connection.transaction(() => {
    if (last.get()?.last !== after.sequence) throw new Conflict("the log has grown meanwhile");
    for (const [digest, bytes] of blobs) addContent.run(digest, bytes);
    for (const { sequence, time, actor, change, digest } of added) {
      addRow.run(sequence, time, actor, JSON.stringify(change), digest);
    }
    for (const { name, digest, made, ends, sequence } of claimed) {
      endClaims.run(made);
      addClaim.run(name, digest, made, ends, sequence);
    }
  })();
}

function blob(digest: string): Uint8Array | undefined {
  const found = opened()
    .query<{ bytes: Uint8Array }, [string]>("SELECT bytes FROM content WHERE digest = ?")
    .get(digest);
  return found?.bytes;
}

function claims(names: readonly string[]): KeptClaim[] {
  const find = opened().query<KeptClaim, [string]>("SELECT * FROM claim WHERE name = ?");
  return names.flatMap((name) => find.all(name));
}

function keepAnswer(name: string, text: string): void {
  opened().query("UPDATE claim SET answer = ? WHERE name = ?").run(text, name);
}

function answer(request: SqliteRequest): SqliteAnswer {
  switch (request.kind) {
    case "open":
      open(request.path);
      break;
    case "rows":
      return rows(request.after, request.limit);
    case "append":
      append(request.commit);
      break;
    case "blob":
      return blob(request.digest);
    case "claims":
      return claims(request.names);
    case "answer":
      keepAnswer(request.name, request.answer);
      break;
    case "close":
      database?.close();
      database = undefined;
  }
  return undefined;
}

function failure(error: unknown): NonNullable<SqliteReply["failure"]> {
  const message = messageOf(error);
  if (error instanceof Conflict) return { code: "ERR_CONFLICT", message };
  const isBusy = error instanceof Error && "code" in error && error.code === "SQLITE_BUSY";
  return { code: isBusy ? "ERR_BUSY" : "ERR_WRITE", message };
}

function handle({ data }: MessageEvent<SqliteRequest & { readonly id: number }>): void {
  let reply: SqliteReply;
  try {
    reply = { id: data.id, answer: answer(data) };
  } catch (error) {
    reply = { id: data.id, failure: failure(error) };
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  self.postMessage(reply);
}

self.addEventListener("message", handle);
