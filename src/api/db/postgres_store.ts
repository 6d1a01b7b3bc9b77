/** The store on PostgreSQL, for more than one server and for operators who have one already. */

import { ImmuconfigError } from "../../base/errors.ts";
import type { AuditRow } from "../domain/audit_chain.ts";
import type { Change } from "../domain/change.ts";
import type { Commit, Store } from "./store.ts";

/** Connections of one server. */
const CONNECTION_COUNT = 4;
/** Milliseconds that a request waits for a free connection. */
const CHECKOUT_MS = 2000;
/** Milliseconds that the database may take for a statement, and for a lock. */
const STATEMENT_MS = 5000;
/** What the servers on one database agree on: only one of them writes at a time. */
const WRITER_LOCK = 0x424e_5531;

/** In order; each runs once, in a transaction of its own. Never changed after a release. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE immuconfig.audit (
     sequence bigint PRIMARY KEY,
     time bigint NOT NULL,
     actor text NOT NULL,
     change text NOT NULL,
     digest text NOT NULL
   );
   CREATE TABLE immuconfig.content (digest text PRIMARY KEY, bytes bytea NOT NULL);`,
];

interface StoredRow {
  sequence: string;
  time: string;
  actor: string;
  change: string;
  digest: string;
}

/**
 * Connects, and brings the schema `immuconfig` to this release.
 *
 * @param url `postgres://…`
 * @throws ImmuconfigError `ERR_WRITE` when the database does not answer, or its schema is of a later
 *   release
 */
export async function openPostgresStore(url: string): Promise<Store> {
  const sql = new Bun.SQL(url, {
    max: CONNECTION_COUNT,
    connectionTimeout: CHECKOUT_MS / 1000,
    connection: {
      statement_timeout: STATEMENT_MS,
      lock_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: STATEMENT_MS,
    },
  });
  const store = new PostgresStore(sql);
  try {
    await store.migrate();
  } catch (error) {
    await sql.close({ timeout: 0 });
    throw error;
  }
  return store;
}

class PostgresStore implements Store {
  readonly #sql: Bun.SQL;

  constructor(sql: Bun.SQL) {
    this.#sql = sql;
  }

  async migrate(): Promise<void> {
    await this.#run(async (connection) => {
      await connection.unsafe("BEGIN");
      await connection`SELECT pg_advisory_xact_lock(${WRITER_LOCK})`;
      await connection.unsafe(
        `CREATE SCHEMA IF NOT EXISTS immuconfig;
         CREATE TABLE IF NOT EXISTS immuconfig.migration (version int PRIMARY KEY);`,
      );
      const [row] = await connection<{ version: number }[]>`
        SELECT coalesce(max(version), 0) AS version FROM immuconfig.migration`;
      const done = row?.version ?? 0;
      if (done > MIGRATIONS.length) throw laterSchema(done);
      for (const [index, statements] of MIGRATIONS.entries()) {
        if (index < done) continue;
        await connection.unsafe(statements);
        await connection`INSERT INTO immuconfig.migration VALUES (${index + 1})`;
      }
      await connection.unsafe("COMMIT");
    });
  }

  rows(after: number, limit: number): Promise<readonly AuditRow[]> {
    return this.#run(async (connection) => {
      const found = await connection<StoredRow[]>`
        SELECT * FROM immuconfig.audit WHERE sequence > ${after} ORDER BY sequence LIMIT ${limit}`;
      return found.map(({ sequence, time, actor, change, digest }) => ({
        sequence: Number(sequence),
        time: Number(time),
        actor,
        change: JSON.parse(change) as Change,
        digest,
      }));
    });
  }

  append({ after, rows, blobs }: Commit): Promise<void> {
    return this.#run(async (connection) => {
      await connection.unsafe("BEGIN");
      await connection`SELECT pg_advisory_xact_lock(${WRITER_LOCK})`;
      const [row] = await connection<{ last: string }[]>`
        SELECT coalesce(max(sequence), 0) AS last FROM immuconfig.audit`;
      if (Number(row?.last) !== after) {
        throw new ImmuconfigError("ERR_CONFLICT", "another server has written meanwhile");
      }
      for (const [digest, bytes] of blobs) {
        await connection`
          INSERT INTO immuconfig.content VALUES (${digest}, ${bytes}) ON CONFLICT DO NOTHING`;
      }
      const values = rows.map((added) => ({ ...added, change: JSON.stringify(added.change) }));
      await connection`INSERT INTO immuconfig.audit ${this.#sql(values, "sequence", "time", "actor", "change", "digest")}`;
      await connection.unsafe("COMMIT");
    });
  }

  blob(digest: string): Promise<Uint8Array | undefined> {
    return this.#run(async (connection) => {
      const [row] = await connection<{ bytes: Uint8Array }[]>`
        SELECT bytes FROM immuconfig.content WHERE digest = ${digest}`;
      return row?.bytes;
    });
  }

  async close(): Promise<void> {
    await this.#sql.close({ timeout: STATEMENT_MS / 1000 });
  }

  /**
   * One piece of work on a connection of its own, which is the only way to bound the wait for one:
   * plain queries and `begin` of Bun's pool wait without an end.
   */
  async #run<Result>(work: (connection: Bun.ReservedSQL) => Promise<Result>): Promise<Result> {
    let connection: Bun.ReservedSQL;
    try {
      connection = await this.#sql.reserve({ signal: AbortSignal.timeout(CHECKOUT_MS) });
    } catch (cause) {
      throw noAnswer(cause);
    }
    try {
      return await work(connection);
    } catch (cause) {
      // A connection that is gone has rolled back by itself.
      await connection.unsafe("ROLLBACK").catch(() => undefined);
      if (cause instanceof ImmuconfigError) throw cause;
      throw noAnswer(cause);
    } finally {
      void connection.release();
    }
  }
}

function laterSchema(version: number): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_WRITE",
    `the database has schema ${version}, this release knows ${MIGRATIONS.length}`,
    { hint: "Run the release that brought the schema, or a later one." },
  );
}

function noAnswer(cause: unknown): ImmuconfigError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ImmuconfigError("ERR_WRITE", `the database does not answer: ${message}`, {
    cause,
    hint: "Look at the database; the server goes on by itself when it is back.",
  });
}
